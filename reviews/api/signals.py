"""The evidence: what sources say of solutions, how they stand, and of how many."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from reviews.api.documentation import documented
from reviews.api.doors import Door, answered
from reviews.api.filters import choice
from reviews.api.pagination import ID, KeysetPagination
from reviews.models import Solution
from reviews.queries.evidence import (
    ChangeRow,
    Evidence,
    coverage,
    evidence_of,
)
from reviews.queries.facts import (
    FactRow,
    SignalFilter,
    SignalState,
    read_facts,
    signals_matching,
)
from reviews.rules.signals import (
    Confidence,
    Severity,
    SignalKind,
    Source,
    SourceState,
)
from reviews.rules.vocabulary import Kind

TAG = "evidence"
UNTRUSTED = "In its own words, which are text and nothing else."


class SignalPages(KeysetPagination):
    endpoint = "signals"
    orderings = {"id": (ID,)}
    default = "-id"


class SignalSerializer(serializers.Serializer[Any]):
    """One fact from outside, as a source stated it."""

    id = serializers.IntegerField()
    source = serializers.ChoiceField(list(Source))  # type: ignore[assignment]
    # A text and no choice: the set grows with the sources, and readers go on.
    kind = serializers.CharField(
        help_text="What it is about, in a word that the filter `kind` lists."
    )
    subject = serializers.CharField(
        help_text="The version, release cycle or flaw that it is about, if any."
    )
    value = serializers.CharField()
    effective_on = serializers.DateField(
        allow_null=True, help_text="From when it holds; null where nobody says."
    )
    published_on = serializers.DateField(
        help_text="The day on which it was first seen."
    )
    confidence = serializers.ChoiceField(list(Confidence))
    severity = serializers.ChoiceField(
        ["", *Severity], help_text="The source's own, empty where it gives none."
    )
    replacement = serializers.CharField(help_text="What the source names in its place.")
    aliases = serializers.ListField(child=serializers.CharField())
    fixed_in = serializers.CharField()
    quote = serializers.CharField(help_text=UNTRUSTED)
    source_url = serializers.CharField(help_text="Where a person can read it.")
    verified = serializers.BooleanField(
        help_text="False if only the package itself led to this source."
    )
    fetched_at = serializers.DateTimeField()
    raw_hash = serializers.CharField(help_text="SHA-256 of the answer as it came.")
    supersedes = serializers.IntegerField(
        allow_null=True, help_text="What the same source said before."
    )
    state = serializers.ChoiceField(list(SignalState))
    ended_at = serializers.DateTimeField(allow_null=True)


class SourceSerializer(serializers.Serializer[Any]):
    """How a source stands to a solution; only of `ok` is silence known to be that."""

    source = serializers.ChoiceField(list(Source))  # type: ignore[assignment]
    state = serializers.ChoiceField(list(SourceState))
    subject = serializers.CharField(help_text="The name under which it is asked.")
    matched_by = serializers.CharField(help_text="How that name was found.")
    why = serializers.CharField(help_text="The same as a sentence.")
    address = serializers.CharField()
    asked_at = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(
        allow_null=True, help_text="Its last good answer."
    )
    note = serializers.CharField()
    error = serializers.CharField(help_text="Why the last attempt failed, if it did.")


class DisagreementSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    subject = serializers.CharField()
    facts = SignalSerializer(many=True)


class SignalChangeSerializer(serializers.Serializer[Any]):
    before = SignalSerializer(allow_null=True, help_text="Null for what is new.")
    after = SignalSerializer(allow_null=True, help_text="Null for what is gone.")
    material = serializers.BooleanField(
        help_text="Whether it takes a full review, and no re-affirmation is enough."
    )
    why = serializers.CharField(help_text="Why that is or is not so.")


class NoteSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    severity = serializers.ChoiceField(list(Severity))
    evidence = serializers.ListField(
        child=serializers.IntegerField(), help_text="The signals that it rests on."
    )


class ChangedSinceSerializer(serializers.Serializer[Any]):
    evaluation = serializers.IntegerField(
        allow_null=True, help_text="The evaluation in effect; null if there is none."
    )
    changes = SignalChangeSerializer(many=True)


class EvidenceSerializer(serializers.Serializer[Any]):
    """All that is known from outside of a solution."""

    known = serializers.BooleanField(
        help_text="Whether any source answers; if none does, nothing is known to be fine."
    )
    sources = SourceSerializer(many=True)
    facts = SignalSerializer(many=True, help_text="What the sources say now.")
    facts_left_out = serializers.IntegerField(
        help_text="How many more there are, which `signals/?state=open` lists."
    )
    notes = NoteSerializer(
        many=True, help_text="What is worth knowing and asks for nothing."
    )
    disagreements = DisagreementSerializer(many=True)
    changed_since = ChangedSinceSerializer()


class KindCoverageSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(list(Kind))
    covered = serializers.IntegerField()
    total = serializers.IntegerField()


class CoverageSerializer(serializers.Serializer[Any]):
    """How many solutions at least one source answers for; retired ones left out."""

    covered = serializers.IntegerField()
    total = serializers.IntegerField()
    kinds = KindCoverageSerializer(many=True)


class SolutionSignals(Door):
    pagination_class = SignalPages
    parameters = [
        choice("source", Source, "Who says it."),
        choice("kind", SignalKind, "What it is about."),
        choice("state", SignalState, "What has become of it; all if left out."),
        *SignalPages.parameters(),
    ]

    @documented(
        "List what sources said of a solution",
        tag=TAG,
        answer=SignalSerializer(many=True),
        errors=[404],
        parameters=parameters,
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        solution = Solution.objects.only("pk").get(slug=slug)
        names = SignalFilter.__dataclass_fields__
        wanted = {name: self.query[name] for name in names if name in self.query}
        found = signals_matching(solution.pk, SignalFilter(**wanted))
        return self.page(SignalPages(), found, read_facts, shown_signal)


class SolutionEvidence(Door):
    @documented(
        "Show what is known of a solution from outside",
        tag=TAG,
        answer=EvidenceSerializer,
        errors=[404],
        description=(
            "What the sources say now, how each of them stands, where they disagree, and "
            "what they say otherwise since the evaluation in effect. A source that "
            "failed, or that has nothing, is unknown and never a good sign."
        ),
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        solution = Solution.objects.get(slug=slug)
        return answered(
            shown_evidence(evidence_of(solution, today=timezone.localdate()))
        )


class CoverageFigures(Door):
    @documented(
        "Count the solutions that a source answers for",
        tag=TAG,
        answer=CoverageSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        kinds = coverage(now=timezone.now())
        return answered(
            {
                "covered": sum(each.covered for each in kinds),
                "total": sum(each.total for each in kinds),
                "kinds": [
                    {
                        "kind": each.kind,
                        "covered": each.covered,
                        "total": each.total,
                    }
                    for each in kinds
                ],
            }
        )


_SHOWN = tuple(SignalSerializer().fields)
_SOURCE_SHOWN = tuple(SourceSerializer().fields)


def shown_signal(row: FactRow) -> dict[str, Any]:
    """Return a fact as the API shows it."""
    return {name: getattr(row, name) for name in _SHOWN}


def shown_evidence(evidence: Evidence) -> dict[str, Any]:
    """Return a solution's evidence as the API shows it."""
    return {
        "known": evidence.is_known,
        "sources": [
            {name: getattr(row, name) for name in _SOURCE_SHOWN}
            for row in evidence.sources
        ],
        "facts": [shown_signal(row) for row in evidence.facts],
        "facts_left_out": evidence.left_out,
        "notes": [
            {
                "text": note.text,
                "severity": note.severity,
                "evidence": list(note.signals),
            }
            for note in evidence.notes
        ],
        "disagreements": [
            {
                "kind": each.kind,
                "subject": each.subject,
                "facts": [shown_signal(row) for row in each.facts],
            }
            for each in evidence.disagreements
        ],
        "changed_since": {
            "evaluation": evidence.since,
            "changes": [_shown_change(change) for change in evidence.changes],
        },
    }


def _shown_change(change: ChangeRow) -> dict[str, Any]:
    return {
        "before": change.before and shown_signal(change.before),
        "after": change.after and shown_signal(change.after),
        "material": change.is_material,
        "why": change.why,
    }
