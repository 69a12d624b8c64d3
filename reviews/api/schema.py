"""The API's description: as OpenAPI 3 for programs, and as a page for people."""

import json
from collections.abc import Callable
from functools import cache, wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.generators import SchemaGenerator

from reviews.api.problems import problem

View = Callable[[HttpRequest], HttpResponse]


def only_read(view: View) -> View:
    """Refuse, with a problem, whatever is no reading of a page."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return view(request)
        return problem(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "This address is only read.",
            headers={"Allow": "GET, HEAD"},
        )

    return guarded


@only_read
def schema(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_schema(), content_type="application/vnd.oai.openapi+json")


@only_read
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html")


@cache
def _schema() -> bytes:
    # The same for everyone, and for as long as the process runs.
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    content = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return json.dumps(content).encode()
