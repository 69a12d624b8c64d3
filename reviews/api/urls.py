"""The API's addresses."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from reviews.api.covers import (
    AssignFlag,
    OneWaiver,
    OverrideFlag,
    RevokeWaiver,
    SnoozeFlag,
    WaiveFlag,
    Waivers,
)
from reviews.api.evaluations import (
    EvaluationDecision,
    Evaluations,
    OneEvaluation,
    SolutionEvaluations,
)
from reviews.api.flags import Flags, OneFlag
from reviews.api.lookup import Lookup
from reviews.api.policies import Policies
from reviews.api.problems import problem
from reviews.api.reaffirming import SolutionReaffirmation
from reviews.api.schema import docs, schema
from reviews.api.signals import CoverageFigures, SolutionEvidence, SolutionSignals
from reviews.api.solutions import OneSolution, SolutionHistory, Solutions
from reviews.api.tickets import OneTicket, RetryTicket, Tickets
from reviews.api.webhooks import (
    Deliveries,
    OneWebhook,
    ReplayDelivery,
    RotateSecret,
    TestWebhook,
    Webhooks,
)


@csrf_exempt
def nothing_here(request: HttpRequest, *args: Any) -> HttpResponse:
    return problem(
        HTTPStatus.NOT_FOUND,
        "There is nothing at this address. Addresses of the API end with a slash; "
        "/api/v1/schema/ lists them.",
    )


urlpatterns = [
    path("solutions/", Solutions.as_view(), name="api-solutions"),
    path("solutions/<slug:slug>/", OneSolution.as_view(), name="api-solution"),
    path("solutions/<slug:slug>/evaluations/", SolutionEvaluations.as_view()),
    path(
        "solutions/<slug:slug>/reaffirm/",
        SolutionReaffirmation.as_view(),
        name="api-reaffirm",
    ),
    path("solutions/<slug:slug>/history/", SolutionHistory.as_view()),
    path("solutions/<slug:slug>/signals/", SolutionSignals.as_view()),
    path("solutions/<slug:slug>/evidence/", SolutionEvidence.as_view()),
    path("evaluations/", Evaluations.as_view(), name="api-evaluations"),
    path("evaluations/<int:id>/", OneEvaluation.as_view(), name="api-evaluation"),
    path("evaluations/<int:id>/decision/", EvaluationDecision.as_view()),
    path("flags/", Flags.as_view(), name="api-flags"),
    path("flags/<int:id>/", OneFlag.as_view(), name="api-flag"),
    path("flags/<int:id>/snooze/", SnoozeFlag.as_view()),
    path("flags/<int:id>/waive/", WaiveFlag.as_view()),
    path("flags/<int:id>/override/", OverrideFlag.as_view()),
    path("flags/<int:id>/assign/", AssignFlag.as_view()),
    path("waivers/", Waivers.as_view(), name="api-waivers"),
    path("waivers/<int:id>/", OneWaiver.as_view(), name="api-waiver"),
    path("waivers/<int:id>/revoke/", RevokeWaiver.as_view()),
    path("tickets/", Tickets.as_view(), name="api-tickets"),
    path("tickets/<int:id>/", OneTicket.as_view(), name="api-ticket"),
    path("tickets/<int:id>/retry/", RetryTicket.as_view()),
    path("webhooks/", Webhooks.as_view(), name="api-webhooks"),
    path("webhooks/<int:id>/", OneWebhook.as_view(), name="api-webhook"),
    path("webhooks/<int:id>/rotate/", RotateSecret.as_view()),
    path("webhooks/<int:id>/test/", TestWebhook.as_view()),
    path("webhooks/<int:id>/deliveries/", Deliveries.as_view()),
    path(
        "webhooks/<int:id>/deliveries/<int:delivery_id>/replay/",
        ReplayDelivery.as_view(),
    ),
    path("lookup/", Lookup.as_view(), name="api-lookup"),
    path("coverage/", CoverageFigures.as_view(), name="api-coverage"),
    path("policies/", Policies.as_view(), name="api-policies"),
    path("schema/", schema, name="api-schema"),
    path("docs/", docs, name="api-docs"),
    re_path("", nothing_here),
]
