"""What leaves the server packed: pages, and the files that belong to them."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TYPES = frozenset(
    {
        "text/html",
        "text/css",
        "text/plain",
        "text/calendar",
        "text/javascript",
        "application/javascript",
        "image/svg+xml",
    }
)


class Compression(GZipMiddleware):
    """
    Packs text for a browser; a file of random length goes along, against BREACH.

    Left alone are parts of a file, which would no longer be the parts that they say,
    and the API, whose strong ETags packing would weaken: `If-Match` takes no weak ones.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
        if (
            response.status_code == 206
            or kind not in TYPES
            or request.path_info.startswith("/api/")
        ):
            return response
        packed: HttpResponseBase = super().process_response(request, response)
        return packed
