"""What a solution looks like in the API, and how what is sent becomes a draft of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.core.validators import RegexValidator
from django.db.models import Q
from django.urls import reverse
from rest_framework import serializers

from reviews.api.fields import (
    DayField,
    StrictSerializer,
    TextField,
    TextsField,
    WholeNumberField,
    WordField,
)
from reviews.api.problems import refuse
from reviews.models import Team, User
from reviews.queries.solutions import SolutionRow
from reviews.rules import purl
from reviews.rules.access import Actor, Permission, Role, may, require
from reviews.rules.vocabulary import (
    UNREVIEWED,
    Criticality,
    Freshness,
    Kind,
    Scheme,
    Verdict,
)
from reviews.services.drafts import (
    DESCRIPTION_LIMIT,
    IDENTIFIERS_LIMIT,
    LONGEST_NOTICE_DAYS,
    TAGS_LIMIT,
    Draft,
)

State = StrEnum(  # type: ignore[misc]
    "State", {"UNREVIEWED": UNREVIEWED} | {word.name: word.value for word in Verdict}
)
"""The states of a solution: its last verdict, or `unreviewed`."""

NO_SUCH_TEAM = "There is no such team, or you may not use it."
NO_SUCH_OWNER = "There is no such user, or they cannot own solutions."

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class IdentifierSerializer(StrictSerializer):
    scheme = WordField(Scheme)
    value = TextField(max_length=500)


class SolutionSerializer(serializers.Serializer[Any]):
    """A solution, and what the clock says of it."""

    slug = serializers.CharField()
    url = serializers.CharField(help_text="Its path in the API.")
    name = serializers.CharField()
    kind = serializers.ChoiceField(list(Kind))
    state = serializers.ChoiceField(
        list(State), help_text="The last verdict in effect, or unreviewed."
    )
    freshness = serializers.ChoiceField(
        list(Freshness), allow_null=True, help_text="Null for what is retired."
    )
    criticality = serializers.ChoiceField(list(Criticality))
    team = serializers.CharField(allow_null=True, help_text="The team's slug.")
    owner = serializers.CharField(allow_null=True, help_text="A username.")
    version = serializers.CharField(help_text="The version in use.")
    tags = serializers.ListField(child=serializers.CharField())
    identifiers = IdentifierSerializer(many=True)
    purl = serializers.CharField(allow_null=True, help_text="The first of its purls.")
    description = serializers.CharField(help_text="Markdown.")
    homepage = serializers.CharField()
    contract_ends_on = serializers.DateField(allow_null=True)
    notice_period_days = serializers.IntegerField(allow_null=True)
    registered_on = serializers.DateField()
    last_evaluated_on = serializers.DateField(allow_null=True)
    next_review_on = serializers.DateField(
        allow_null=True, help_text="Null for what is retired."
    )
    pulled_by = serializers.CharField(
        help_text="What wants the next review earlier than the clock, if anything does."
    )
    trust_ends_on = serializers.DateField(
        allow_null=True,
        help_text="The day on which nobody will have evaluated it for a year.",
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class SolutionChangesSerializer(StrictSerializer):
    """What may be said of a solution; what is left out stays as it is."""

    answered = frozenset({"id", *SolutionSerializer().fields})

    name = TextField(max_length=200)
    kind = WordField(Kind)
    description = TextField(
        required=False, max_length=DESCRIPTION_LIMIT, help_text="Markdown."
    )
    homepage = TextField(required=False, max_length=500)
    version = TextField(required=False, max_length=100)
    criticality = WordField(Criticality, required=False)
    team = TextField(
        required=False,
        allow_null=True,
        max_length=100,
        help_text="A team's slug or name, in any case.",
    )
    owner = TextField(
        required=False, allow_null=True, max_length=150, help_text="A username."
    )
    tags = TextsField(required=False, max_length=TAGS_LIMIT)
    purl = TextField(
        required=False,
        allow_null=True,
        max_length=purl.PURL_LIMIT,
        help_text=(
            "The one purl of a solution, in place of the one that it has. Its version, "
            "if any, becomes the version in use unless that is sent too. A solution of "
            "several purls is written by its identifiers."
        ),
    )
    identifiers: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=IdentifierSerializer(),
        required=False,
        max_length=IDENTIFIERS_LIMIT,
        help_text="All of them; those of the scheme `name` follow from the name.",
    )
    contract_ends_on = DayField(required=False, allow_null=True)
    notice_period_days = WholeNumberField(
        required=False, allow_null=True, min_value=0, max_value=LONGEST_NOTICE_DAYS
    )


class NewSolutionSerializer(SolutionChangesSerializer):
    """A solution to be registered."""

    slug = TextField(
        required=False,
        allow_blank=False,
        max_length=120,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9_-]*\Z",
                "A slug is lower-case letters, digits, - and _, and begins with a "
                "letter or a digit.",
                "slug",
            )
        ],
        help_text="Its name in addresses; made from the name if it is left out.",
    )


_AS_THEY_ARE = (
    "name",
    "kind",
    "description",
    "homepage",
    "version",
    "criticality",
    "tags",
    "contract_ends_on",
    "notice_period_days",
)


def register_path() -> str:
    """Return the path of the register in the API; a solution's own adds its slug."""
    return reverse("api-solutions")


def shown_solution(row: SolutionRow, today: date, register: str) -> dict[str, Any]:
    """Return a solution as the API shows it, whose register is at a path."""
    return {
        "slug": row.slug,
        "url": f"{register}{row.slug}/",
        "name": row.name,
        "kind": row.kind,
        "state": row.state,
        "freshness": row.freshness_on(today),
        "criticality": row.criticality,
        "team": row.team,
        "owner": row.owner,
        "version": row.version,
        "tags": row.tags,
        "identifiers": row.identifiers,
        "purl": row.purl,
        "description": row.description,
        "homepage": row.homepage,
        "contract_ends_on": row.contract_ends_on,
        "notice_period_days": row.notice_period_days,
        "registered_on": row.registered_on,
        "last_evaluated_on": row.last_evaluated_on,
        "next_review_on": row.next_review_on,
        "pulled_by": row.pulled_by,
        "trust_ends_on": row.trust_ends_on,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def etag_of(updated_at: datetime) -> str:
    """Return the version of a solution, which changes whenever somebody edits it."""
    return f'"{(updated_at - _EPOCH) // timedelta(microseconds=1):x}"'


def new_draft(fields: Mapping[str, Any], actor: Actor) -> Draft:
    """
    Return the draft of a new solution.

    Whoever is engineer or lead of a single team, and names none, registers for that one.

    :raises RequestError: for a team that is not there or that the actor may not use.
    :raises NotAllowedError: to somebody who may register for no team at all.
    """
    teams = [
        team_id
        for team_id, role in actor.roles.items()
        if role in (Role.ENGINEER, Role.LEAD)
    ]
    if not teams:
        require(actor, Permission.REGISTER, None)
    draft = Draft(
        name=fields["name"],
        kind=fields["kind"],
        team_id=teams[0] if len(teams) == 1 else None,
    )
    draft = changed(draft, fields)
    if draft.team_id is not None and not may(actor, Permission.REGISTER, draft.team_id):
        raise refuse(NO_SUCH_TEAM, field="team")
    return draft


def changed(draft: Draft, fields: Mapping[str, Any]) -> Draft:
    """
    Return a draft with what was sent in place of what it said.

    :raises RequestError: for a team or an owner that is not there, and for a purl in
        place of several.
    """
    changes = {name: fields[name] for name in _AS_THEY_ARE if name in fields}
    if "team" in fields:
        changes["team_id"] = _team_id(fields["team"])
    if "owner" in fields:
        changes["owner_id"] = _owner_id(fields["owner"])
    if "identifiers" in fields:
        changes["identifiers"] = [
            (identifier["scheme"], identifier["value"])
            for identifier in fields["identifiers"]
        ]
    if "purl" in fields:
        identifiers = changes.get("identifiers", draft.identifiers)
        given = fields["purl"]
        changes["identifiers"] = _with_purl(identifiers, given)
        if given is not None and "version" not in fields:
            changes["version"] = _version_of(given) or draft.version
    return replace(draft, **changes)


def _team_id(name: str | None) -> int | None:
    if name is None:
        return None
    named = Q(slug__iexact=name) | Q(name__iexact=name)
    ids = Team.objects.filter(named).values_list("pk", flat=True)[:2]
    if len(ids) != 1:
        raise refuse(NO_SUCH_TEAM, field="team")
    return ids[0]


def _owner_id(username: str | None) -> int | None:
    if username is None:
        return None
    owner = User.objects.filter(username=username, is_active=True).first()
    if owner is None:
        raise refuse(NO_SUCH_OWNER, field="owner")
    return owner.pk


def _with_purl(
    identifiers: Sequence[tuple[Scheme, str]], given: str | None
) -> list[tuple[Scheme, str]]:
    others = [pair for pair in identifiers if pair[0] is not Scheme.PURL]
    if len(identifiers) - len(others) > 1:
        raise refuse(
            "This solution has several purls: send identifiers instead.", field="purl"
        )
    return others if given is None else [*others, (Scheme.PURL, given)]


def _version_of(given: str) -> str:
    try:
        return purl.key_and_version(given)[1]
    except purl.PurlError as error:
        raise refuse(str(error), field="purl") from error
