"""What is asked to be told, in the transaction of the change."""

from datetime import timedelta

import pytest

from reviews.models import (
    Flag,
    Notice,
)
from reviews.rules.vocabulary import Verdict
from reviews.services.evaluations import decide_proposal
from reviews.services.reaffirming import reaffirm
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import (
    OPERATOR,
    evaluated,
    judged,
    registered,
    scanned,
)
from tests.services.covering import (
    IN_A_WEEK,
    overdue,
    questioned,
    revoked,
    snoozed,
    waived,
)
from tests.services.evidence.sources import at

pytestmark = pytest.mark.django_db


class TestNotices:
    def keys(self) -> set[str]:
        return set(Notice.objects.values_list("key", flat=True))

    def test_an_evaluation_and_the_flag_that_it_answers(self, cast: Cast) -> None:
        flag = overdue(cast)

        evaluation = evaluated(flag.solution)

        assert {f"evaluation:{evaluation.pk}:recorded", f"flag:{flag.pk}:closed"} <= (
            self.keys()
        )

    def test_a_flag_of_evidence_that_is_answered(self, cast: Cast) -> None:
        flag = questioned(cast)

        evaluated(flag.solution, judged(Verdict.HOLD))

        closed = Flag.objects.get(pk=flag.pk).closed_at is not None
        assert (f"flag:{flag.pk}:closed" in self.keys()) is closed

    def test_a_re_affirmation(self, cast: Cast) -> None:
        then = TODAY - timedelta(days=200)
        solution = registered("Django", team=cast.platform, on=then)
        evaluated(solution, judged(on=then), today=then)

        again = reaffirm(solution_id=solution.pk, actor=OPERATOR, today=TODAY, now=NOW)

        assert f"evaluation:{again.pk}:recorded" in self.keys()

    def test_a_proposal_that_is_decided(self, cast: Cast) -> None:
        solution = registered("Django", team=cast.platform)
        proposal = evaluated(
            solution, judged(Verdict.RETIRE), actor=cast.actor(cast.bob)
        )
        before = self.keys()

        decide_proposal(
            evaluation_id=proposal.pk,
            approve=True,
            reason="",
            actor=cast.actor(cast.alice),
            today=TODAY,
            now=NOW,
        )

        assert f"evaluation:{proposal.pk}:recorded" in before
        assert f"proposal:{proposal.pk}:decided" in self.keys() - before

    def test_a_waiver_and_its_end(self, cast: Cast) -> None:
        cover = waived(overdue(cast), cast.bob)
        before = self.keys()

        revoked(cover)

        assert f"cover:{cover.pk}:made" in before
        assert f"cover:{cover.pk}:ended" in self.keys() - before

    def test_the_end_of_a_snooze_is_told_of_its_flag_alone(self, cast: Cast) -> None:
        cover = snoozed(overdue(cast))

        scanned(IN_A_WEEK, at(IN_A_WEEK))

        assert f"flag:{cover.flag_id}:asked-again:{cover.pk}" in self.keys()
        assert f"cover:{cover.pk}:ended" not in self.keys()

    def test_a_waiver_that_was_ended_too_early_has_not_ended(self, cast: Cast) -> None:
        cover = waived(overdue(cast), cast.bob, IN_A_WEEK)
        scanned(IN_A_WEEK, at(IN_A_WEEK))
        then = f"cover:{cover.pk}:ended" in self.keys()

        scanned(TODAY)

        assert then
        assert f"cover:{cover.pk}:ended" not in self.keys()

    def test_one_waiver_after_another_has_not_ended(self, cast: Cast) -> None:
        flag = overdue(cast)
        first = waived(flag, cast.bob)

        second = waived(flag, cast.alice)

        assert f"cover:{first.pk}:ended" not in self.keys()
        assert f"cover:{second.pk}:made" in self.keys()
