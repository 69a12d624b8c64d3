"""Looking one thing up: what was decided of it, how fresh that is, what to use instead."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from reviews.api.documentation import documented
from reviews.api.doors import Door, answered
from reviews.api.filters import Parameter
from reviews.api.problems import refuse
from reviews.queries.lookup import Registered, look_up
from reviews.rules import purl
from reviews.rules.recognising import Form, recognised
from reviews.rules.signals import Severity
from reviews.rules.vocabulary import Action, Cause, Freshness, Kind, Verdict

TAG = "lookup"


class QuerySerializer(serializers.Serializer[Any]):
    text = serializers.CharField(help_text="What was asked for.")
    form = serializers.ChoiceField(list(Form), help_text="What that was read as.")
    identifier = serializers.CharField(help_text="In its canonical form.")
    version = serializers.CharField(help_text="The version it names, or empty.")


class OpenFlagSerializer(serializers.Serializer[Any]):
    cause = serializers.ChoiceField(list(Cause))
    action = serializers.ChoiceField(list(Action))
    severity = serializers.ChoiceField(
        ["", *Severity], help_text="Empty for what the clock asks."
    )
    due_on = serializers.DateField()


class WaiverInForceSerializer(serializers.Serializer[Any]):
    until = serializers.DateField(help_text="The first day on which it is asked again.")
    owner = serializers.CharField()
    reason = serializers.CharField()


class InsteadSerializer(serializers.Serializer[Any]):
    solution = serializers.CharField(
        allow_null=True, help_text="The slug of what is registered; null if nothing is."
    )
    name = serializers.CharField()
    said_by = serializers.CharField(help_text="A person or a source.")


class FoundSerializer(serializers.Serializer[Any]):
    """What the register has on one solution."""

    solution = serializers.CharField(help_text="Its slug.")
    name = serializers.CharField()
    kind = serializers.ChoiceField(list(Kind))
    version = serializers.CharField(help_text="The version in use; empty if not known.")
    verdict = serializers.ChoiceField(
        list(Verdict), allow_null=True, help_text="Null before the first review."
    )
    evaluated_on = serializers.DateField(allow_null=True)
    freshness = serializers.ChoiceField(
        list(Freshness), allow_null=True, help_text="Null for what is retired."
    )
    next_review_on = serializers.DateField(allow_null=True)
    team = serializers.CharField(allow_null=True, help_text="The team's slug.")
    owner = serializers.CharField(allow_null=True, help_text="A username.")
    open_flags = OpenFlagSerializer(many=True)
    waiver = WaiverInForceSerializer(allow_null=True)
    use_instead = InsteadSerializer(allow_null=True)


class LookupSerializer(serializers.Serializer[Any]):
    query = QuerySerializer()
    found = FoundSerializer(many=True)


class Lookup(Door):
    parameters = [
        Parameter(
            "purl",
            "The package, with or without a version.",
            lambda given: (purl.canonical(given), given)[1],
        ),
        Parameter(
            "identifier",
            "What has no purl: a repository's address, a model id, or a name.",
            lambda given: recognised(given).text,
        ),
    ]

    @documented(
        "Look one thing up",
        tag=TAG,
        answer=LookupSerializer,
        parameters=parameters,
        description=(
            "What was decided about one thing, how fresh that is, and what to use "
            "instead. Takes exactly one of `purl` and `identifier`. What is not "
            "registered is found as an empty list: nothing was decided about it."
        ),
    )
    def get(self, request: Request) -> HttpResponse:
        asked = list(self.query.values())
        if len(asked) != 1:
            raise refuse(
                "Say what to look up: either purl=pkg:type/name, or identifier= and a "
                "repository's address, a model id or a name.",
                field="purl",
            )
        answer = look_up(asked[0], today=timezone.localdate())
        return answered(
            {
                "query": {
                    "text": asked[0],
                    "form": answer.asked.form,
                    "identifier": answer.asked.value,
                    "version": answer.asked.version,
                },
                "found": [_shown(row) for row in answer.exact],
            }
        )


def _shown(row: Registered) -> dict[str, Any]:
    waiver, instead = row.waiver, row.instead
    return {
        "solution": row.slug,
        "name": row.name,
        "kind": row.kind,
        "version": row.version,
        "verdict": row.state if row.last_evaluated_on else None,
        "evaluated_on": row.last_evaluated_on,
        "freshness": row.freshness,
        "next_review_on": row.next_review_on,
        "team": row.team.slug or None,
        "owner": row.owner.username or None,
        "open_flags": [
            {
                "cause": flag.cause,
                "action": flag.action,
                "severity": flag.severity,
                "due_on": flag.due_on,
            }
            for flag in row.flags
        ],
        "waiver": waiver
        and {"until": waiver.until, "owner": waiver.owner, "reason": waiver.reason},
        "use_instead": instead
        and {
            "solution": instead.slug or None,
            "name": instead.name,
            "said_by": instead.said_by,
        },
    }
