"""What a web server runs."""

import os
from collections.abc import Mapping
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")


class Request(WSGIRequest):
    """
    A request whose sender does not choose how it is decoded: that is UTF-8, always.

    Django takes the charset of the content type even for the query string, before
    anything could refuse it. `charset=hex`, which is no charset of texts, or a content
    type of ten thousand characters would end in an error of the server.
    """

    def _set_content_type_params(self, meta: Mapping[str, Any]) -> None:
        try:
            parsed = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):
            parsed = "", {}
        self.content_type, self.content_params = parsed


class Application(WSGIHandler):
    """Django's own, with the requests above."""

    request_class = Request


django.setup(set_prefix=False)
application = Application()
