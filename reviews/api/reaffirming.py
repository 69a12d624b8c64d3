"""Saying the last verdict again, where nothing material has changed."""

from http import HTTPStatus

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from rest_framework.request import Request

from reviews.api.documentation import IDEMPOTENCY_KEY, LOCATION, documented
from reviews.api.doors import Door, encoded
from reviews.api.evaluation_fields import EvaluationSerializer
from reviews.api.evaluations import FINAL, TAG, found_or_404
from reviews.api.fields import StrictSerializer
from reviews.models import Solution
from reviews.rules.access import Permission
from reviews.services.idempotency import Answer
from reviews.services.reaffirming import reaffirm


class NothingSerializer(StrictSerializer):
    """Nothing: what is said again is what was said."""


class SolutionReaffirmation(Door):
    @documented(
        "Re-affirm the evaluation of a solution",
        tag=TAG,
        answer=EvaluationSerializer,
        status=HTTPStatus.CREATED,
        body=NothingSerializer,
        errors=[404, 409, 422],
        headers=[IDEMPOTENCY_KEY, LOCATION],
        description=(
            "Logs the verdict in effect again, on today's evidence: with an empty body, "
            "or an empty object. If something material has changed since, or there is "
            f"nothing to say again, 409 says what. {FINAL}"
        ),
    )
    def post(self, request: Request, slug: str) -> HttpResponse:
        self.require_scope(Permission.EVALUATE)
        solution = Solution.objects.get(slug=slug)
        if request.stream is not None:
            self.fields(NothingSerializer)

        def work() -> Answer:
            evaluation = reaffirm(
                solution_id=solution.pk,
                actor=self.actor,
                today=timezone.localdate(),
                now=timezone.now(),
            )
            content = encoded(found_or_404(evaluation.pk))
            location = reverse("api-evaluation", args=[evaluation.pk])
            return Answer(HTTPStatus.CREATED.value, content, {"Location": location})

        return self.once(work)
