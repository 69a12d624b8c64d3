"""Where a form leads to once it is saved: back to the page that it was opened from."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST_NEXT = 2_000


def asked_next(request: HttpRequest) -> str:
    """Return the path of this site that the address or the form asks for, or nothing."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    is_local = (
        len(asked) <= LONGEST_NEXT
        and asked.startswith("/")
        and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    )
    return asked if is_local else ""
