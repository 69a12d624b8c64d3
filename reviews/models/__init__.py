"""What is stored, one noun a file. Nothing here starts anything."""

from reviews.models.change import Change
from reviews.models.dependency import Dependency
from reviews.models.evaluation import Decision, Evaluation
from reviews.models.flag import Flag
from reviews.models.idempotency import IdempotencyKey
from reviews.models.identifier import Identifier
from reviews.models.lease import Lease
from reviews.models.notice import Notice
from reviews.models.policy import ReviewPolicy
from reviews.models.scan import Recheck, Scan
from reviews.models.solution import Solution, Tag
from reviews.models.team import Membership, Team
from reviews.models.token import APIToken
from reviews.models.user import User

__all__ = [
    "APIToken",
    "Change",
    "Decision",
    "Dependency",
    "Evaluation",
    "Flag",
    "IdempotencyKey",
    "Identifier",
    "Lease",
    "Membership",
    "Notice",
    "Recheck",
    "ReviewPolicy",
    "Scan",
    "Solution",
    "Tag",
    "Team",
    "User",
]
