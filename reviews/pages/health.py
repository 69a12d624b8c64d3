"""
What probes ask: is the nightly promise kept, and can this process serve.

Open to anyone who reaches it, so it tells nothing of the register. A probe has to send a
Host that ALLOWED_HOSTS names, as every client does: the check is not switched off here.
"""

from functools import lru_cache
from http import HTTPStatus

from django.db import Error as AnyDatabaseError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reviews.models import Scan
from reviews.rules.liveness import promise_kept, scan_age

UNREACHABLE = "The database cannot be reached, or has not been migrated."
UNMIGRATED = "The database lacks migrations: run “manage.py migrate”."
NO_SCAN = (
    "No scan has been completed yet: the worker and the beat have to be running, "
    "or run “manage.py scan”."
)
STALE = (
    "No scan has been completed within 26 hours: check the worker and the beat, "
    "or run “manage.py scan”."
)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    now = timezone.now()
    try:
        last = Scan.objects.last_complete(now)
    except AnyDatabaseError:
        return _failing(UNREACHABLE)
    if last is None:
        return _failing(NO_SCAN, last_complete_scan=None, age_seconds=None)
    facts = {
        "last_complete_scan": last.finished_at.isoformat(),
        "age_seconds": int(scan_age(last.finished_at, now).total_seconds()),
    }
    if not promise_kept(last.finished_at, now):
        return _failing(STALE, **facts)
    return JsonResponse({"status": "ok"} | facts)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    try:
        recorder = MigrationRecorder(connection)
        applied = set(recorder.migration_qs.values_list("app", "name"))
    except AnyDatabaseError:
        return _failing(UNREACHABLE)
    if not _wanted_migrations() <= applied:
        return _failing(UNMIGRATED)
    return JsonResponse({"status": "ok"})


@lru_cache(maxsize=1)
def _wanted_migrations() -> frozenset[tuple[str, str]]:
    """Return the last migration of every app; the files do not change while it runs."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _failing(detail: str, **facts: object) -> JsonResponse:
    return JsonResponse(
        {"status": "failing", "detail": detail} | facts,
        status=HTTPStatus.SERVICE_UNAVAILABLE,
    )
