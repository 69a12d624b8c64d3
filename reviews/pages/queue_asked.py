"""What the address of the queue asks for; the page of one entry goes by the same."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from reviews.pages.parameters import ParameterError, choice_of, word_of
from reviews.queries.queue import owns_anything
from reviews.queries.queue_order import Show, Wanted, Whose
from reviews.rules.access import Actor, Role
from reviews.rules.vocabulary import Cause, Criticality, Kind

MOST_PAGES = 20
PARAMETERS = frozenset({"show", "whose", "kind", "criticality", "cause", "page"})


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A page of a list of the queue; pages count from one.

    `whose_was_said` is false where nobody said whose queue, and the visitor's place in
    the teams decided.
    """

    show: Show
    wanted: Wanted
    page: int
    whose_was_said: bool

    def parameters(self, **more: str) -> str:
        """Return this list, with other words for some of it, as the end of an address."""
        wanted = self.wanted
        words = {
            "show": self.show.value,
            "whose": wanted.whose.value,
            "kind": wanted.kind.value if wanted.kind else "",
            "criticality": wanted.criticality.value if wanted.criticality else "",
            "cause": wanted.cause.value if wanted.cause else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return urlencode({name: word for name, word in (words | more).items() if word})


def asked_of(query: QueryDict, actor: Actor) -> Asked:
    """
    Return what an address asks for; what it leaves open follows from who looks.

    A lead sees the teams, an engineer what is theirs, and so does whoever owns anything
    without a role; everybody else, and an administrator, sees everyone's. At most one
    query. Other parameters are the caller's to refuse.

    :raises ParameterError: naming what cannot be followed.
    """
    said = word_of(query, "whose", Whose)
    wanted = Wanted(
        whose=said or _usual(actor),
        user_id=actor.user_id,
        team_ids=tuple(
            team_id
            for team_id, role in sorted(actor.roles.items())
            if role in (Role.LEAD, Role.ENGINEER)
        ),
        kind=word_of(query, "kind", Kind),
        criticality=word_of(query, "criticality", Criticality),
        cause=word_of(query, "cause", Cause),
    )
    show = word_of(query, "show", Show) or Show.DUE
    return Asked(show, wanted, _page(query), said is not None)


def _usual(actor: Actor) -> Whose:
    roles = set(actor.roles.values())
    if Role.LEAD in roles:
        return Whose.TEAM
    if Role.ENGINEER in roles:
        return Whose.MINE
    if actor.is_administrator or not owns_anything(actor.user_id):
        return Whose.ALL
    return Whose.MINE


def _page(query: QueryDict) -> int:
    text = query.get("page", "")
    if not text:
        return 1
    pages = [str(number) for number in range(1, MOST_PAGES + 1)]
    if text.isdecimal() and text not in pages:
        raise ParameterError(
            f"The queue shows its first {MOST_PAGES} pages: "
            "narrow it down by team, kind, criticality or cause to see the rest."
        )
    return int(choice_of(query, "page", pages))
