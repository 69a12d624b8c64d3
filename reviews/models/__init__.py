"""What is stored, one noun a file. Nothing here starts anything."""

from reviews.models.attachment import AttachedFile, Attachment
from reviews.models.change import Change
from reviews.models.cover import Cover
from reviews.models.dependency import Dependency
from reviews.models.evaluation import Alternative, Assumption, Decision, Evaluation
from reviews.models.flag import Flag
from reviews.models.idempotency import IdempotencyKey
from reviews.models.identifier import Identifier
from reviews.models.lease import Lease
from reviews.models.notice import Notice
from reviews.models.policy import ReviewPolicy
from reviews.models.scan import Recheck, Scan
from reviews.models.signal import Ground, Signal
from reviews.models.solution import Solution, Tag
from reviews.models.team import Membership, Team
from reviews.models.template import Criterion, EvaluationTemplate
from reviews.models.token import APIToken
from reviews.models.user import User
from reviews.models.watch import Allowance, ListedProduct, SourceCheck, Watch

__all__ = [
    "APIToken",
    "Allowance",
    "Alternative",
    "Assumption",
    "AttachedFile",
    "Attachment",
    "Change",
    "Cover",
    "Criterion",
    "Decision",
    "Dependency",
    "Evaluation",
    "EvaluationTemplate",
    "Flag",
    "Ground",
    "IdempotencyKey",
    "Identifier",
    "Lease",
    "ListedProduct",
    "Membership",
    "Notice",
    "Recheck",
    "ReviewPolicy",
    "Scan",
    "Signal",
    "Solution",
    "SourceCheck",
    "Tag",
    "Team",
    "User",
    "Watch",
]
