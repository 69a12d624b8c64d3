"""The review policies: how long a verdict holds, and when an unanswered flag climbs."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from reviews.api.documentation import documented
from reviews.api.doors import Door
from reviews.api.pagination import ID, KeysetPagination
from reviews.models import ReviewPolicy
from reviews.rules.vocabulary import Criticality, Kind

TAG = "policies"


class PolicyPages(KeysetPagination):
    endpoint = "policies"
    orderings = {"id": (ID,)}
    default = "id"


class PolicySerializer(serializers.Serializer[Any]):
    """How long a verdict holds for the solutions that a policy covers."""

    id = serializers.IntegerField()
    months = serializers.IntegerField(help_text="Calendar months, one to six.")
    kind = serializers.ChoiceField(["", *Kind], help_text="Empty for every kind.")
    criticality = serializers.ChoiceField(
        ["", *Criticality], help_text="Empty for every criticality."
    )
    tag = serializers.CharField(allow_null=True, help_text="Null for every tag.")
    lead_after_days = serializers.IntegerField(
        allow_null=True,
        help_text="Days after its due day until a flag climbs to the team's lead; null "
        "for the default.",
    )
    head_after_days = serializers.IntegerField(
        allow_null=True,
        help_text="Further days until it climbs to the leads' lead; null for the "
        "default.",
    )


class Policies(Door):
    parameters = PolicyPages.parameters()

    @documented(
        "List the review policies",
        tag=TAG,
        answer=PolicySerializer(many=True),
        parameters=parameters,
        description=(
            "Of several that cover a solution the shortest counts; of none, six months. "
            "Administrators change them in the staff pages: no token does."
        ),
    )
    def get(self, request: Request) -> HttpResponse:
        found = ReviewPolicy.objects.select_related("tag")
        return self.page(PolicyPages(), found, _read, _shown)


def _read(policies: QuerySet[ReviewPolicy]) -> list[ReviewPolicy]:
    return list(policies)


def _shown(policy: ReviewPolicy) -> dict[str, Any]:
    return {
        "id": policy.pk,
        "months": policy.months,
        "kind": policy.kind,
        "criticality": policy.criticality,
        "tag": policy.tag.name if policy.tag else None,
        "lead_after_days": policy.lead_after_days,
        "head_after_days": policy.head_after_days,
    }
