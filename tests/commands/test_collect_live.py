"""The sources that can be reached for real: the index that this project installs from."""

import socket
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as configured
from django.core.management import call_command

from reviews.models import Signal
from reviews.rules.vocabulary import Scheme
from tests.services.building import registered

# This one test goes out, to the index and nowhere else.
pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.enable_socket]

PACKAGES = {"django": "5.2.19", "celery": "5.7.0", "requests": "2.34.2"}


@pytest.fixture(autouse=True)
def _reachable(settings: Any) -> None:
    host = urlsplit(configured.EVIDENCE_PYPI_URL).hostname or ""
    try:
        socket.create_connection((host, 443), timeout=5).close()
    except OSError:
        pytest.skip("the package index cannot be reached from here")
    settings.EVIDENCE_CONTACT = "tests@best-before.example"


def test_this_projects_own_dependencies_have_evidence() -> None:
    for name, version in PACKAGES.items():
        purl = ((Scheme.PURL, f"pkg:pypi/{name}"),)
        registered(name, identifiers=purl, version=version)
    out = StringIO()

    call_command("collect_evidence", "--source", "pypi", stdout=out)

    assert "pypi         3 answered\n" in out.getvalue()
    for name, version in PACKAGES.items():
        facts = {
            signal.kind: signal for signal in Signal.objects.filter(solution__slug=name)
        }
        assert facts["adopted_release"].value == version
        assert facts["adopted_release"].effective_on is not None
        assert facts["latest_release"].value
        assert facts["repository"].value.startswith("https://")
        assert facts["latest_release"].source_url.startswith("https://")
