"""The form of a connection: where it leads, which flags go there, and how they are put."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import (
    AdminIntegerFieldWidget,
    AdminTextareaWidget,
    AdminTextInputWidget,
)
from django.db.models import Q

from reviews.admin.picking import PersonField
from reviews.admin.refusals import ServiceForm
from reviews.models import Connection, Team, User
from reviews.models.choices import ACTIONS, CAUSES, SEVERITIES, SYSTEMS
from reviews.rules.ticket_defaults import ADDRESSES
from reviews.rules.ticket_mapping import DECISIONS, EXTRA_LIMIT
from reviews.rules.ticket_mapping import SEVERITIES as MAPPED
from reviews.rules.ticketing import TICKETS_PER_DAY, WRITES_PER_MINUTE, System
from reviews.services.connection_drafts import ADDRESS_LIMIT, BOUNDS, ConnectionDraft
from reviews.services.connections import SECRET_LIMIT

MAPPING = (
    *("due_on", "severity", *(f"severity_{word}" for word in MAPPED)),
    *("labels", "closing", "reopening", "decisions", "extra"),
)
"""The fields of the form that make up the mapping."""

# Nobody sees it again: neither the page nor the browser's memory keeps it.
_SECRET = forms.PasswordInput(
    attrs={"class": "vTextField", "autocomplete": "new-password"}
)
_HOSTS = "; ".join(
    f"{dict(SYSTEMS)[system]}: {url}" for system, url in ADDRESSES.items()
)
_PACES = ", ".join(
    f"{dict(SYSTEMS)[system]} {pace}" for system, pace in WRITES_PER_MINUTE.items()
)


def _line(label: str, help_text: str = "", *, limit: int = 100, **more: Any) -> Any:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=limit,
        required=more.pop("required", False),
        widget=AdminTextInputWidget,
        **more,
    )


def _number(name: str, label: str, help_text: str, **more: Any) -> forms.IntegerField:
    least, most = BOUNDS[name]
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=least,
        max_value=most,
        widget=AdminIntegerFieldWidget,
        **more,
    )


def _several(label: str, choices: Any, help_text: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        help_text=help_text,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class ConnectionForm(ServiceForm[Connection]):
    """
    Says what a person wants of a connection; the service checks it.

    `told` is what is known of the secrets, by the field; the admin sets it.
    """

    told: ClassVar[Mapping[str, str]] = {}

    name = _line(
        "Name", "What people call it, such as “Shop on GitHub”.", required=True
    )
    slug = _line(
        "Slug",
        "Part of its address for webhooks, and of the names of settings. It stays.",
        limit=50,
        required=True,
    )
    system = forms.ChoiceField(label="System", choices=SYSTEMS, help_text="It stays.")
    owner = PersonField(
        queryset=User.objects.none(),
        required=False,
        help_text="Who answers for it: is told when it fails, and approves the waivers "
        "that its tickets ask for.",
    )
    address = forms.CharField(
        max_length=ADDRESS_LIMIT,
        widget=AdminTextInputWidget,
        help_text=f"Where its API is. {_HOSTS}; the others: where you read it. To enter "
        "another host clears the token and the webhook secret, unless you enter them anew.",
    )
    project = _line(
        "Project",
        "GitHub: owner/repository. GitLab: group/project. Jira: the key. Redmine: the "
        "identifier. It may be renamed; for another project make another connection.",
        limit=200,
        required=True,
    )
    issue_type = _line(
        "Type of issue", "Jira's issue type, or Redmine's tracker; empty for the usual."
    )
    login = _line(
        "Login",
        "Only for Jira Cloud: the e-mail address that the API token belongs to.",
        limit=200,
    )
    token = forms.CharField(required=False, max_length=SECRET_LIMIT, widget=_SECRET)
    secret = forms.CharField(
        label="Webhook secret", required=False, max_length=SECRET_LIMIT, widget=_SECRET
    )
    causes = _several("Causes", CAUSES, "None ticked: all.")
    actions = _several("Actions", ACTIONS, "None ticked: all.")
    severities = _several(
        "Severities",
        SEVERITIES,
        "None ticked: all, and those without one. What is only due has none.",
    )
    teams = forms.ModelMultipleChoiceField(
        queryset=Team.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Whose solutions. None ticked: all.",
    )
    position = _number(
        "position", "Position", "Of several that a flag fits, the lowest takes it."
    )
    tickets_per_day = _number(
        "tickets_per_day",
        "Tickets a day",
        "So many are made on a day; the rest waits, the gravest first.",
    )
    decides = forms.BooleanField(
        label="Closing a ticket decides",
        required=False,
        help_text="An issue that is closed with one of the decisions below completes the "
        "review; without this, its owner is asked.",
    )
    due_on = _line("Field of the due day", "Empty: it stands in the text alone.")
    severity = _line(
        "Field of the severity", "“labels” where severities are labels; empty: none."
    )
    severity_critical = _line("Critical is called")
    severity_high = _line("High is called")
    severity_medium = _line("Medium is called")
    severity_low = _line("Low is called")
    labels = _line("Labels", "Of every issue; separated by commas.", limit=2_000)
    closing = _line(
        "Closing", "The status or transition that closes an issue; empty: the first."
    )
    reopening = _line(
        "Reopening", "The status or transition that opens it again; empty: the first."
    )
    decisions = forms.CharField(
        required=False,
        max_length=10_000,
        widget=AdminTextareaWidget(attrs={"rows": 4}),
        help_text="One a line: a resolution, status or label, = and what that decides: "
        f"{', '.join(DECISIONS)}. Such as: Won't Do = waive",
    )
    # No JSONField: that fails on deep nesting, and on a number of 5,000 digits.
    extra = forms.CharField(
        required=False,
        max_length=2 * EXTRA_LIMIT,
        widget=AdminTextareaWidget(attrs={"rows": 4}),
        help_text="What goes into every new issue as it is, as a JSON object: "
        '{"components": [{"name": "Shop"}]}',
    )
    writes_per_minute = _number(
        "writes_per_minute",
        "Requests a minute",
        f"Empty: what the system allows ({_PACES}).",
        required=False,
    )
    lag_seconds = _number(
        "lag_seconds",
        "Search lag in seconds",
        "How long a new issue may stay out of a search; empty: as usual for the system.",
        required=False,
    )

    class Meta:
        model = Connection
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        connection = self.instance
        if not connection._state.adding:
            self._fill(connection)
        else:
            usual: dict[str, Any] = {"position": 10, "tickets_per_day": TICKETS_PER_DAY}
            usual |= {"decides": True, "owner": self.actor.user_id}
            for name, value in usual.items():
                self.initial.setdefault(name, value)
        for name, told in self.told.items():
            self.fields[name].help_text = told
        if "owner" in self.fields:
            people = User.objects.filter(
                Q(is_active=True) | Q(pk=connection.owner_id)
            ).order_by("username")
            self.fields["owner"].queryset = people  # type: ignore[attr-defined]

    def _fill(self, connection: Connection) -> None:
        for name in (
            *("name", "address", "project", "issue_type", "login", "position"),
            *("causes", "actions", "severities", "tickets_per_day", "decides"),
            *("writes_per_minute", "lag_seconds"),
        ):
            self.initial[name] = getattr(connection, name)
        self.initial["owner"] = connection.owner_id
        self.initial["teams"] = list(connection.teams.values_list("pk", flat=True))
        self.initial.update(_shown(connection.fields))

    def full_clean(self) -> None:
        super().full_clean()
        if not self.is_bound or not self.errors:
            return
        # The page does not give them back, and would be saved without them.
        for name in ("token", "secret"):
            if self.data.get(self.add_prefix(name)) and name not in self.errors:
                self.add_error(name, "Enter it again: it is not kept with the page.")

    def clean_decisions(self) -> dict[str, str]:
        lines = self.cleaned_data["decisions"].splitlines()
        decisions = {}
        for number, line in enumerate(lines, start=1):
            said, equals, decision = line.rpartition("=")
            if line.strip() and not equals:
                raise forms.ValidationError(
                    f"Line {number} has no =: write what is said over there, =, and what "
                    "that decides."
                )
            if line.strip():
                decisions[said.strip()] = decision.strip()
        return decisions

    def clean_extra(self) -> Any:
        typed = self.cleaned_data["extra"]
        try:
            return json.loads(typed) if typed else {}
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError("Enter a valid JSON.") from error

    def draft(self) -> ConnectionDraft:
        """Return what the form says; what it does not ask about stays as it is."""
        said = self.cleaned_data
        adding = self.instance._state.adding
        return ConnectionDraft(
            name=said["name"],
            slug=said["slug"] if adding else self.instance.slug,
            system=System(said["system"] if adding else self.instance.system),
            address=said["address"],
            project=said["project"],
            issue_type=said["issue_type"],
            login=said["login"],
            owner_id=said["owner"].pk if said["owner"] else None,
            position=said["position"],
            causes=said["causes"],
            actions=said["actions"],
            severities=said["severities"],
            team_ids=frozenset(team.pk for team in said["teams"]),
            fields=None if adding else self._mapping(),
            tickets_per_day=said["tickets_per_day"],
            writes_per_minute=said["writes_per_minute"],
            lag_seconds=said["lag_seconds"],
            decides=said["decides"],
        )

    def _mapping(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {
            "due_on": said["due_on"],
            "severity": said["severity"],
            "severities": {word: said[f"severity_{word}"] for word in MAPPED},
            "labels": said["labels"].split(","),
            "closing": said["closing"],
            "reopening": said["reopening"],
            "decisions": said["decisions"],
            "extra": {} if said["extra"] is None else said["extra"],
        }


def _shown(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored mapping as the form's fields have it."""
    severities = stored.get("severities", {})
    return {
        **{name: stored.get(name, "") for name in ("due_on", "severity")},
        **{name: stored.get(name, "") for name in ("closing", "reopening")},
        **{f"severity_{word}": severities.get(word, "") for word in MAPPED},
        "labels": ", ".join(stored.get("labels", [])),
        "decisions": "\n".join(
            f"{said} = {decision}"
            for said, decision in stored.get("decisions", {}).items()
        ),
        "extra": json.dumps(stored.get("extra") or {}, ensure_ascii=False),
    }
