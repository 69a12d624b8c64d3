"""Posting a message to an incoming webhook, and what its answer means."""

import json

from reviews.connectors.http import HTTPClient, Response
from reviews.ports.outside import OutsideError

_NOT_NOW = frozenset({408, 409, 425, 429})
_SAID = 100


def post_json(
    client: HTTPClient,
    url: str,
    payload: object,
    *,
    whom: str,
    headers: dict[str, str] | None = None,
) -> Response:
    """
    Return the answer to a payload that was taken.

    `whom` names the other side in what is said of a failure; the address is a secret and
    is never repeated.

    :raises OutsideError: `permanent` where the address or the payload is refused.
    """
    sent = {"Content-Type": "application/json; charset=utf-8", "Accept": "*/*"}
    answer = client.send(
        "POST",
        url,
        headers=sent | (headers or {}),
        payload=json.dumps(payload, ensure_ascii=False).encode(errors="replace"),
    )
    if 200 <= answer.status < 300:
        return answer
    refused = answer.status < 500 and answer.status not in _NOT_NOW
    words = answer.content[:_SAID].decode(errors="replace")
    # A short word such as "channel_is_archived" says it; a page does not.
    said = f": {words}" if words.isidentifier() else ""
    raise OutsideError(
        f"{whom} answered with status {answer.status}{said}.",
        permanent=refused,
        status=answer.status,
    )
