"""What is stored, one noun a file. Nothing here starts anything."""

from reviews.models.attachment import AttachedFile, Attachment
from reviews.models.attempt import Attempt
from reviews.models.change import Change
from reviews.models.connection import Connection
from reviews.models.cover import Cover
from reviews.models.dependency import Dependency
from reviews.models.evaluation import Alternative, Assumption, Decision, Evaluation
from reviews.models.feed import Feed, FeedEntry
from reviews.models.flag import Flag
from reviews.models.idempotency import IdempotencyKey
from reviews.models.identifier import Identifier
from reviews.models.lease import Lease
from reviews.models.notice import Notice
from reviews.models.policy import ReviewPolicy
from reviews.models.scan import Recheck, Scan
from reviews.models.signal import Ground, Signal
from reviews.models.solution import Solution, Tag
from reviews.models.subscription import Message, Subscription
from reviews.models.team import Membership, Team
from reviews.models.template import Criterion, EvaluationTemplate
from reviews.models.ticket import Arrival, Ticket, TicketStep
from reviews.models.token import APIToken
from reviews.models.user import User
from reviews.models.watch import Allowance, ListedProduct, SourceCheck, Watch
from reviews.models.webhook import Delivery, Endpoint

__all__ = [
    "APIToken",
    "Allowance",
    "Alternative",
    "Arrival",
    "Assumption",
    "AttachedFile",
    "Attachment",
    "Attempt",
    "Change",
    "Connection",
    "Cover",
    "Criterion",
    "Decision",
    "Delivery",
    "Dependency",
    "Endpoint",
    "Evaluation",
    "EvaluationTemplate",
    "Feed",
    "FeedEntry",
    "Flag",
    "Ground",
    "IdempotencyKey",
    "Identifier",
    "Lease",
    "ListedProduct",
    "Membership",
    "Message",
    "Notice",
    "Recheck",
    "ReviewPolicy",
    "Scan",
    "Signal",
    "Solution",
    "SourceCheck",
    "Subscription",
    "Tag",
    "Team",
    "Ticket",
    "TicketStep",
    "User",
    "Watch",
]
