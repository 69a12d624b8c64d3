"""
Downloading what an evaluation rests on.

A file comes from whoever uploaded it, so that no browser may show it as a page of ours:
it is only ever saved.
"""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reviews.queries.evaluation_parts import attached_file


@login_required
@never_cache
@require_safe
def attachment(request: HttpRequest, id: int) -> HttpResponse:
    file = attached_file(id)
    if file is None:
        raise Http404
    response = HttpResponse(file.content, content_type="application/octet-stream")
    said = content_disposition_header(as_attachment=True, filename=file.name)
    response["Content-Disposition"] = said or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    # The middleware leaves a policy alone that is there already.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
