"""Webhooks that go out: a signed body to an address that somebody entered."""

from collections.abc import Mapping

from reviews.connectors.http import HTTPClient
from reviews.ports.webhooks import Reply

EXCERPT_LIMIT = 300
"""How many characters are kept of what an endpoint answers."""

# In bytes, and more than any character takes.
_READ = 4 * EXCERPT_LIMIT


class WebhookSender:
    """
    Sends to endpoints through the client that dials only what it may.

    What an endpoint answers is kept as an excerpt, for whoever looks for a mistake.
    """

    def __init__(self, client: HTTPClient) -> None:
        self._client = client

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """
        Return what an address answers to a POST, whatever the status.

        :raises OutsideError: if it was not reached, not heard to the end, or wants to be
            left alone.
        """
        sent = {"Content-Type": "application/json", **headers}
        answer = self._client.send("POST", url, headers=sent, payload=body)
        return Reply(answer.status, excerpt(answer.content))


def excerpt(content: bytes) -> str:
    """Return how an answer begins: one line, without what no page could show."""
    words = content[:_READ].decode("utf-8", "replace").split()
    shown = "".join(char for char in " ".join(words) if char.isprintable())
    return shown[:EXCERPT_LIMIT]
