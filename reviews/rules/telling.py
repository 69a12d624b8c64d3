"""The closed sets of words for telling others: events, channels, kinds of message."""

from enum import StrEnum


class Event(StrEnum):
    """What a webhook may be told of."""

    FLAG_OPENED = "flag.opened"
    FLAG_HARDENED = "flag.hardened"
    FLAG_ASKED_AGAIN = "flag.asked_again"
    FLAG_CLIMBED = "flag.climbed"
    FLAG_CLOSED = "flag.closed"
    FLAG_SNOOZED = "flag.snoozed"
    FLAG_OVERRIDDEN = "flag.overridden"
    WAIVER_ACCEPTED = "waiver.accepted"
    WAIVER_ENDED = "waiver.ended"
    EVALUATION_RECORDED = "evaluation.recorded"
    PROPOSAL_DECIDED = "proposal.decided"
    TEST = "test"


class Payload(StrEnum):
    """How much a webhook is told: where to ask, or all of it."""

    THIN = "thin"
    FULL = "full"


class Channel(StrEnum):
    """By which way a person is told."""

    EMAIL = "email"
    SLACK_WEBHOOK = "slack_webhook"
    SLACK_BOT = "slack_bot"
    TEAMS = "teams"


class MessageKind(StrEnum):
    """
    What a message is.

    A digest comes when its reader wants it. An alert cannot wait that long. A notice of
    trouble tells whoever answers for a connection or a webhook that it fails.
    """

    DIGEST = "digest"
    ALERT = "alert"
    TROUBLE = "trouble"
    TEST = "test"


class AttemptOutcome(StrEnum):
    """What came of one request."""

    DONE = "done"
    PASSING = "passing"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    SIMULATED = "simulated"
