"""The vocabulary's closed sets as Django's choices, with the words that people read."""

from enum import StrEnum

from reviews.rules.access import Role
from reviews.rules.outgoing import SendState
from reviews.rules.signals import (
    SOURCE_NAMES,
    Confidence,
    Severity,
    SignalKind,
    Source,
    SourceState,
)
from reviews.rules.telling import (
    AttemptOutcome,
    Channel,
    MessageKind,
    Payload,
)
from reviews.rules.ticketing import Standing, StepKind, System
from reviews.rules.vocabulary import (
    UNREVIEWED,
    Action,
    Cause,
    Condition,
    CoverKind,
    Criticality,
    Kind,
    Scale,
    Scheme,
    Verdict,
)

# By set: the same word in two of them (`model`) is the same key.
LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    Kind: {
        Kind.BUILT: "built component",
        Kind.PACKAGE: "open-source package",
        Kind.VENDOR: "vendor service",
        Kind.MODEL: "hosted model",
    },
    Cause: {
        Cause.REVIEW_DUE: "review due",
        Cause.TRUST_DECAYED: "a year without a review",
        Cause.END_OF_LIFE: "end of life",
        Cause.MODEL_RETIREMENT: "model retirement",
        Cause.WITHDRAWN: "withdrawn upstream",
        Cause.UNMAINTAINED: "no longer maintained",
        Cause.VERSION_WITHDRAWN: "version withdrawn",
        Cause.VULNERABILITY: "known vulnerability",
        Cause.LICENCE_CHANGED: "licence changed",
    },
    Role: {Role.LEAD: "tech lead"},
    System: {
        System.JIRA: "Jira",
        System.GITHUB: "GitHub",
        System.GITLAB: "GitLab",
        System.REDMINE: "Redmine",
    },
    Standing: {Standing.GONE: "gone: deleted there, or out of sight"},
    Payload: {
        Payload.THIN: "thin: what happened, and where to ask",
        Payload.FULL: "full: what there is to know",
    },
    Channel: {
        Channel.EMAIL: "e-mail",
        Channel.SLACK_WEBHOOK: "Slack, by an incoming webhook",
        Channel.SLACK_BOT: "Slack, by the installation's bot",
        Channel.TEAMS: "Microsoft Teams",
    },
    AttemptOutcome: {
        AttemptOutcome.PASSING: "failed, will be tried again",
        AttemptOutcome.UNKNOWN: "unknown, will be looked for",
        AttemptOutcome.REFUSED: "refused",
    },
    Condition: {
        Condition.DAY: "a day comes",
        Condition.NO_RELEASE: "no release for some months",
        Condition.RELEASE_REACHES: "a release reaches a version",
        Condition.LICENCE_CHANGES: "the licence changes",
        Condition.SIGNAL: "a source says something of a kind",
    },
    Scale: {
        Scale.YES_NO: "yes or no",
        Scale.RATING: "1 (poor) to 5 (excellent)",
        Scale.TEXT: "in words",
    },
    Source: {**SOURCE_NAMES, Source.PYPI_STATUS: "PyPI project status"},
    SourceState: {SourceState.STALE: "stale: the last answer still stands"},
    Scheme: {
        Scheme.PURL: "package URL",
        Scheme.ENDOFLIFE: "endoflife.date product",
        Scheme.MODEL: "model id",
    },
}

Choices = list[tuple[str, str]]


def choices_of(words: type[StrEnum]) -> Choices:
    """Return the members of a closed set with their labels."""
    labels = LABELS.get(words, {})
    return [
        (word.value, labels.get(word, word.value.replace("_", " "))) for word in words
    ]


KINDS = choices_of(Kind)
CRITICALITIES = choices_of(Criticality)
VERDICTS = choices_of(Verdict)
STATES: Choices = [(UNREVIEWED, UNREVIEWED), *VERDICTS]
CAUSES = choices_of(Cause)
ACTIONS = choices_of(Action)
SCHEMES = choices_of(Scheme)
SOURCES = choices_of(Source)
SOURCE_STATES = choices_of(SourceState)
SIGNAL_KINDS = choices_of(SignalKind)
SEVERITIES = choices_of(Severity)
CONFIDENCES = choices_of(Confidence)
ROLES = choices_of(Role)
COVERS = choices_of(CoverKind)
CONDITIONS = choices_of(Condition)
SCALES = choices_of(Scale)
SYSTEMS = choices_of(System)
STEP_KINDS = choices_of(StepKind)
STANDINGS = choices_of(Standing)
SEND_STATES = choices_of(SendState)
PAYLOADS = choices_of(Payload)
CHANNELS = choices_of(Channel)
MESSAGE_KINDS = choices_of(MessageKind)
ATTEMPT_OUTCOMES = choices_of(AttemptOutcome)


def values_of(choices: Choices) -> list[str]:
    """Return the stored values of a closed set."""
    return [value for value, _ in choices]
