"""What the pages' tests read off an answer."""

import re
from html import unescape
from typing import Any

from django.test import Client


def html_of(client: Client, path: str = "/solutions/django/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def words(client: Client, section: str = "", path: str = "/solutions/django/") -> str:
    """Return what a page, or a section of it, says, without its markup."""
    html = html_of(client, path)
    if section:
        html = html.partition(f'aria-labelledby="{section}-title"')[2]
        html = html.partition("</section>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def section(client: Client, id: str, query: str = "") -> Any:
    context = client.get(f"/{query}").context
    sections = context["sections"] if "sections" in context else [context["section"]]
    return next(each for each in sections if each.id == id)
