"""The log of evaluations: reading it, adding to it, and deciding on proposals."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from rest_framework.request import Request

from reviews.api.documentation import IDEMPOTENCY_KEY, LOCATION, documented
from reviews.api.doors import Door, answered, encoded
from reviews.api.evaluation_fields import (
    EvaluationSerializer,
    JudgementSerializer,
    NewEvaluationSerializer,
)
from reviews.api.fields import StrictSerializer, TextField, TruthField
from reviews.api.filters import choice, text
from reviews.api.pagination import ID, Column, KeysetPagination, read_day
from reviews.api.problems import refuse
from reviews.models import Evaluation, Solution
from reviews.queries.evaluations import (
    EvaluationFilter,
    EvaluationRow,
    evaluations_matching,
    find_evaluation,
    read_evaluations,
)
from reviews.rules.access import Permission
from reviews.rules.assumptions import Assumed
from reviews.rules.text import shown
from reviews.rules.vocabulary import Verdict
from reviews.services.attachments import Attached
from reviews.services.evaluations import (
    Judgement,
    decide_proposal,
    record_evaluation,
)
from reviews.services.idempotency import Answer

TAG = "evaluations"
FINAL = "Nothing edits or deletes an evaluation: a mistake is superseded by a new one."
PROPOSAL = (
    "A verdict of deprecate or retire, by somebody who is no lead of the owning team, "
    "is logged as a proposal and takes effect when a lead approves it."
)


class EvaluationPages(KeysetPagination):
    endpoint = "evaluations"
    orderings = {"evaluated_on": (Column("evaluated_on", read_day), ID)}
    default = "-evaluated_on"


class DecideSerializer(StrictSerializer):
    """A lead's answer to a proposal."""

    approve = TruthField()
    reason = TextField(
        required=False, max_length=500, help_text="Required for declining."
    )


_SHARED = [
    choice("verdict", Verdict, "What it concluded."),
    text("author", "The author's name, as the log has it."),
    *EvaluationPages.parameters(),
]


class EvaluationLog(Door):
    """What the log of everything and the log of one solution have in common."""

    pagination_class = EvaluationPages

    def log(self, **narrowed: str) -> HttpResponse:
        names = EvaluationFilter.__dataclass_fields__
        wanted = {name: self.query[name] for name in names if name in self.query}
        found = evaluations_matching(EvaluationFilter(**wanted | narrowed))
        return self.page(EvaluationPages(), found, read_evaluations, lambda row: row)

    def add(self, solution: Solution, fields: dict[str, Any]) -> HttpResponse:
        today = timezone.localdate()
        judgement = Judgement(
            verdict=fields["verdict"],
            evaluated_on=fields.get("evaluated_on", today),
            summary=fields["summary"],
            rationale=fields.get("rationale", ""),
            version=fields.get("version", ""),
            alternatives=fields.get("alternatives", ()),
            supersedes_id=fields.get("supersedes"),
            answers=fields.get("answers", {}),
            **_named(fields),
            attachments=[
                Attached(row["title"], row["effective_on"], url=row["url"])
                for row in fields.get("attachments", ())
            ],
        )

        def work() -> Answer:
            evaluation = record_evaluation(
                solution_id=solution.pk,
                judgement=judgement,
                actor=self.actor,
                today=today,
                now=timezone.now(),
            )
            content = encoded(found_or_404(evaluation.pk))
            location = reverse("api-evaluation", args=[evaluation.pk])
            return Answer(HTTPStatus.CREATED.value, content, {"Location": location})

        return self.once(work)


class Evaluations(EvaluationLog):
    parameters = [text("solution", "The solution's slug."), *_SHARED]

    @documented(
        "List the evaluations of everything",
        tag=TAG,
        answer=EvaluationSerializer(many=True),
        parameters=parameters,
    )
    def get(self, request: Request) -> HttpResponse:
        return self.log()

    @documented(
        "Log an evaluation",
        tag=TAG,
        answer=EvaluationSerializer,
        status=HTTPStatus.CREATED,
        body=NewEvaluationSerializer,
        errors=[409, 422],
        headers=[IDEMPOTENCY_KEY, LOCATION],
        description=f"{FINAL} {PROPOSAL}",
    )
    def post(self, request: Request) -> HttpResponse:
        self.require_scope(Permission.EVALUATE)
        fields = self.fields(NewEvaluationSerializer)
        solution = Solution.objects.filter(slug=fields["solution"]).first()
        if solution is None:
            raise refuse("There is no solution with this slug.", field="solution")
        return self.add(solution, fields)


class SolutionEvaluations(EvaluationLog):
    parameters = _SHARED

    @documented(
        "List the evaluations of a solution",
        tag=TAG,
        answer=EvaluationSerializer(many=True),
        errors=[404],
        parameters=parameters,
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        if not Solution.objects.filter(slug=slug).exists():
            raise Http404
        return self.log(solution=slug)

    @documented(
        "Log an evaluation of a solution",
        tag=TAG,
        answer=EvaluationSerializer,
        status=HTTPStatus.CREATED,
        body=JudgementSerializer,
        errors=[404, 409, 422],
        headers=[IDEMPOTENCY_KEY, LOCATION],
        description=f"{FINAL} {PROPOSAL}",
    )
    def post(self, request: Request, slug: str) -> HttpResponse:
        self.require_scope(Permission.EVALUATE)
        solution = Solution.objects.get(slug=slug)
        return self.add(solution, self.fields(JudgementSerializer))


class OneEvaluation(Door):
    @documented(
        "Show an evaluation",
        tag=TAG,
        answer=EvaluationSerializer,
        errors=[404],
        description=FINAL,
    )
    def get(self, request: Request, id: int) -> HttpResponse:
        return answered(found_or_404(id))


class EvaluationDecision(Door):
    @documented(
        "Approve or decline a proposal",
        tag=TAG,
        answer=EvaluationSerializer,
        status=HTTPStatus.CREATED,
        body=DecideSerializer,
        errors=[404, 409],
        description="Answers with the evaluation as it stands then.",
    )
    def post(self, request: Request, id: int) -> HttpResponse:
        self.require_scope(Permission.DECIDE)
        if not Evaluation.objects.filter(pk=id).exists():
            raise Http404
        fields = self.fields(DecideSerializer)
        decide_proposal(
            evaluation_id=id,
            approve=fields["approve"],
            reason=fields.get("reason", ""),
            actor=self.actor,
            today=timezone.localdate(),
            now=timezone.now(),
        )
        return answered(found_or_404(id), status=HTTPStatus.CREATED)


def _named(fields: dict[str, Any]) -> dict[str, Any]:
    """
    Return the parts of a judgement that name other solutions, by their ids.

    :raises RequestError: for a slug that no solution has.
    """
    assumptions = fields.get("assumptions", ())
    replacement = fields.get("replacement")
    alternatives = fields.get("alternative_solutions", ())
    subjects = [row.get("subject") for row in assumptions]
    wanted = {
        slug for slug in (replacement, *alternatives, *subjects) if slug is not None
    }
    ids: dict[str, int] = {}
    if wanted:
        known = Solution.objects.filter(slug__in=[s for s in wanted if "\0" not in s])
        ids = dict(known.values_list("slug", "pk"))

    def id_of(slug: str | None, field: str) -> int | None:
        if slug is None:
            return None
        if slug not in ids:
            raise refuse(f"There is no solution {shown(slug)}.", field=field)
        return ids[slug]

    return {
        "replacement_id": id_of(replacement, "replacement"),
        "alternative_ids": [
            id_of(slug, "alternative_solutions") for slug in alternatives
        ],
        "assumptions": [
            Assumed(
                condition=row["condition"],
                value=row.get("value", ""),
                subject_id=id_of(row.get("subject"), "assumptions"),
                note=row.get("note", ""),
            )
            for row in assumptions
        ],
    }


def found_or_404(id: int) -> EvaluationRow:
    """
    Return the evaluation with an id.

    :raises Http404: if there is none.
    """
    row = find_evaluation(id)
    if row is None:
        raise Http404
    return row
