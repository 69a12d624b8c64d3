"""What the register in the pictures holds beyond the demonstration."""

from datetime import date, timedelta

from django.utils import timezone

from reviews.models import Flag, Solution, Team, User
from reviews.rules.signals import Severity, SignalKind, Source
from reviews.rules.vocabulary import Cause, Verdict
from reviews.services.access import actor_of
from reviews.services.covers import override_flag, snooze_flag, waive_flag
from reviews.services.evaluations import Judgement, record_evaluation
from reviews.services.evidence.judging import judge_solutions
from reviews.services.scanning import scan
from tests.evidence import checked, replaced, said

SHOWN = "celery"
"""The solution whose own pages are shown."""

_SOURCE = "https://source.example"


def work(username: str, password: str) -> None:
    """Have a lead and an engineer do what a few weeks bring, and let the lead sign in."""
    now, today = timezone.now(), timezone.localdate()
    lead = User.objects.get(username=username)
    lead.set_password(password)
    lead.save()
    left = User.objects.create_user("petra", first_name="Petra", last_name="Lund")
    left.is_active = False
    left.save()
    platform = Team.objects.get(name="Platform")
    for name, owner in (("Managed PostgreSQL", left), (SHOWN, lead)):
        Solution.objects.filter(name=name).update(owner=owner, team=platform)
    _evidence(today)
    scan(on=today, today=today, now=now)
    actor = actor_of(lead, door="page")
    flags = list(
        Flag.objects.open()
        .filter(cause=Cause.REVIEW_DUE.value, solution__team=platform)
        .exclude(solution__name=SHOWN)
        .order_by("due_on")[:2]
    )
    if flags:
        waive_flag(
            flag_id=flags[0].pk,
            owner_id=lead.pk,
            reason="Replaced with the next release; nobody builds on it meanwhile.",
            until=today + timedelta(days=40),
            actor=actor,
            today=today,
            now=now,
        )
    for flag in flags[1:]:
        snooze_flag(
            flag_id=flag.pk,
            until=today + timedelta(days=9),
            reason="Its maintainers answer on the 10th.",
            actor=actor,
            today=today,
            now=now,
        )
    wrong = Flag.objects.open().filter(cause=Cause.LICENCE_CHANGED.value).first()
    if wrong:
        override_flag(
            flag_id=wrong.pk,
            reason="The file was renamed; the licence is the same.",
            actor=actor,
            today=today,
            now=now,
        )
    engineer = User.objects.get(username="jonas")
    record_evaluation(
        solution_id=Solution.objects.get(name="Vectorhaus search hosting").pk,
        judgement=Judgement(
            verdict=Verdict.DEPRECATE,
            evaluated_on=today,
            summary="PostgreSQL's own search is good enough by now.",
        ),
        actor=actor_of(engineer, door="page"),
        today=today,
        now=now,
    )


def _evidence(today: date) -> None:
    shown = Solution.objects.get(name=SHOWN)
    ids = [shown.pk]
    checked(shown)
    checked(shown, Source.OSV)
    said(shown, SignalKind.LICENCE, "BSD-3-Clause", subject="repository")
    release = said(shown, value="5.6.2", effective_on=today - timedelta(days=200))
    replaced(release, "6.0.0", effective_on=today - timedelta(days=12))
    said(
        shown,
        SignalKind.VULNERABILITY,
        "A crafted message makes the worker run what it should not.",
        source=Source.OSV,
        subject="CVE-2026-40101",
        severity=Severity.HIGH,
        fixed_in="5.7.1",
        address=f"{_SOURCE}/CVE-2026-40101",
    )
    judge_solutions(solution_ids=ids, today=today, now=timezone.now())
