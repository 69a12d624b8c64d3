"""The register: listing, adding, editing and deleting solutions, and their history."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from reviews.api.documentation import (
    ETAG,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    LOCATION,
    documented,
)
from reviews.api.doors import Door, answered, encoded
from reviews.api.filters import choice, day, package, text
from reviews.api.pagination import (
    ID,
    Column,
    KeysetPagination,
    read_day,
    read_text,
)
from reviews.api.problems import Fault, RequestError
from reviews.api.solution_fields import (
    NewSolutionSerializer,
    SolutionChangesSerializer,
    SolutionSerializer,
    State,
    changed,
    etag_of,
    new_draft,
    register_path,
    shown_solution,
)
from reviews.models import Solution
from reviews.queries.evaluations import read_changes
from reviews.queries.history import history_of
from reviews.queries.solutions import (
    NONE,
    SolutionFilter,
    SolutionRow,
    find_solution,
    read_solutions,
    solutions_matching,
)
from reviews.rules.access import Permission
from reviews.rules.vocabulary import Freshness, Kind
from reviews.services.drafts import draft_of
from reviews.services.errors import StaleError
from reviews.services.idempotency import Answer
from reviews.services.solutions import delete_solution, edit_solution, register_solution

TAG = "solutions"
OWNER = text("owner", f"The owner's username; `{NONE}` for what nobody owns.")
TEAM = text("team", f"The team's slug; `{NONE}` for what no team owns.")


class SolutionPages(KeysetPagination):
    endpoint = "solutions"
    orderings = {
        "slug": (Column("slug", read_text),),
        "name": (Column("name", read_text), ID),
        "next_review_on": (Column("review_order", read_day), ID),
        # Days of registration rise with the ids, which an index already serves.
        "registered_on": (ID,),
    }
    default = "slug"


class HistoryPages(KeysetPagination):
    endpoint = "history"
    orderings = {"at": (ID,)}
    default = "-at"


class ChangeSerializer(serializers.Serializer[Any]):
    """A line of the audit trail."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.CharField()
    door = serializers.CharField(help_text="Through which door the change came.")
    what = serializers.CharField()
    details = serializers.DictField()


class Solutions(Door):
    pagination_class = SolutionPages
    parameters = [
        choice("kind", Kind, "What sort of thing it is."),
        choice("state", State, "Its last verdict in effect, or unreviewed."),
        OWNER,
        TEAM,
        text("tag", "A tag that it has."),
        package("purl", "A package by which it is known; the version makes no odds."),
        choice(
            "freshness",
            Freshness,
            "How it stands to its clock today. What was never reviewed is `unreviewed`, "
            "however late; `due_before` with today finds all that is overdue.",
        ),
        day("due_before", "Its next review is due before this day, not on it."),
        text(
            "search",
            "A part of its name, its slug or an identifier, in any case; no character "
            "has a special meaning.",
        ),
        *SolutionPages.parameters(),
    ]

    @documented(
        "List the solutions",
        tag=TAG,
        answer=SolutionSerializer(many=True),
        parameters=parameters,
    )
    def get(self, request: Request) -> HttpResponse:
        today = timezone.localdate()
        names = SolutionFilter.__dataclass_fields__
        wanted = {name: self.query[name] for name in names if name in self.query}
        found = solutions_matching(SolutionFilter(**wanted), today=today)
        register = register_path()
        return self.page(
            SolutionPages(),
            found,
            read_solutions,
            lambda row: shown_solution(row, today, register),
        )

    @documented(
        "Register a solution",
        tag=TAG,
        answer=SolutionSerializer,
        status=HTTPStatus.CREATED,
        body=NewSolutionSerializer,
        errors=[409, 422],
        headers=[IDEMPOTENCY_KEY, LOCATION, ETAG],
    )
    def post(self, request: Request) -> HttpResponse:
        self.require_scope(Permission.REGISTER)
        fields = self.fields(NewSolutionSerializer)

        def work() -> Answer:
            solution = register_solution(
                draft=new_draft(fields, self.actor),
                slug=fields.get("slug", ""),
                actor=self.actor,
                today=timezone.localdate(),
                now=timezone.now(),
            )
            content = _content(found_or_404(solution.slug))
            headers = {
                "Location": content["url"],
                "ETag": etag_of(content["updated_at"]),
            }
            return Answer(HTTPStatus.CREATED.value, encoded(content), headers)

        return self.once(work)


class OneSolution(Door):
    @documented(
        "Show a solution",
        tag=TAG,
        answer=SolutionSerializer,
        errors=[404],
        headers=[ETAG],
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        return _shown(found_or_404(slug))

    @documented(
        "Edit a solution",
        tag=TAG,
        answer=SolutionSerializer,
        body=SolutionChangesSerializer,
        errors=[404, 409, 412],
        headers=[IF_MATCH, ETAG],
    )
    def patch(self, request: Request, slug: str) -> HttpResponse:
        self.require_scope(Permission.EDIT)
        solution = Solution.objects.get(slug=slug)
        fields = self.fields(SolutionChangesSerializer, partial=True)
        self._check_version(solution)
        try:
            edit_solution(
                solution_id=solution.pk,
                draft=changed(draft_of(solution), fields),
                actor=self.actor,
                today=timezone.localdate(),
                now=timezone.now(),
                # Even unasked: the draft holds what this request read and did not send.
                seen_at=solution.updated_at,
            )
        except StaleError as error:
            if "If-Match" in request.headers:
                raise _changed_since() from error
            raise
        return _shown(found_or_404(slug))

    @documented(
        "Delete a solution that was registered by mistake",
        tag=TAG,
        answer=None,
        status=HTTPStatus.NO_CONTENT,
        errors=[404, 409, 412],
        headers=[IF_MATCH],
    )
    def delete(self, request: Request, slug: str) -> HttpResponse:
        self.require_scope(Permission.DELETE)
        solution = Solution.objects.get(slug=slug)
        self._check_version(solution)
        delete_solution(solution_id=solution.pk, actor=self.actor, now=timezone.now())
        return HttpResponse(status=HTTPStatus.NO_CONTENT)

    def _check_version(self, solution: Solution) -> None:
        wanted = self.request.headers.get("If-Match")
        if wanted is None or wanted.strip() == "*":
            return
        # A weak one (W/"...") never matches: RFC 9110, section 13.1.1.
        if etag_of(solution.updated_at) not in map(str.strip, wanted.split(",")):
            raise _changed_since()


class SolutionHistory(Door):
    pagination_class = HistoryPages
    parameters = HistoryPages.parameters()

    @documented(
        "List what happened to a solution",
        tag=TAG,
        answer=ChangeSerializer(many=True),
        errors=[404],
        parameters=parameters,
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        solution = Solution.objects.only("pk").get(slug=slug)
        found = history_of(solution.pk)
        return self.page(HistoryPages(), found, read_changes, lambda row: row)


def found_or_404(slug: str) -> SolutionRow:
    """
    Return the solution with a slug.

    :raises Http404: if there is none.
    """
    row = find_solution(slug)
    if row is None:
        raise Http404
    return row


def _content(row: SolutionRow) -> dict[str, Any]:
    return shown_solution(row, timezone.localdate(), register_path())


def _shown(row: SolutionRow) -> HttpResponse:
    return answered(_content(row), headers={"ETag": etag_of(row.updated_at)})


def _changed_since() -> RequestError:
    return RequestError(
        HTTPStatus.PRECONDITION_FAILED,
        Fault(
            "Somebody changed this solution since you read it: read it again.",
            "stale",
            "If-Match",
        ),
    )
