"""Microsoft Teams: by the address of a workflow that posts what it is given."""

import re

from reviews.connectors.http import HTTPClient
from reviews.connectors.posting import post_json
from reviews.ports.notices import Letter

BYTES_LIMIT = 20_000
"""How much of a text is sent: a message of more than 28 KB is refused."""

# The characters that the Markdown of a card would take for markup.
_MARKUP = re.compile(r"([\\`*_\[\]()#~<>|!])")
_LISTED = re.compile(r"^(\s*)([-+]|\d+\.)(?=\s)")
_LINK = re.compile(r"(https?://[A-Za-z0-9._~:/?&=%-]+)")


class Teams:
    """
    A workflow's webhook, which takes a message with one Adaptive Card.

    Source: Microsoft's "Create incoming webhooks with Workflows" and the schema of
    Adaptive Cards; a TextBlock reads a part of Markdown, an address alone is no link.
    """

    def __init__(self, client: HTTPClient) -> None:
        self._client = client

    def send(self, letter: Letter) -> None:
        """
        Hand a message over.

        :raises OutsideError: if it was not taken.
        """
        post_json(self._client, letter.to, card_of(letter), whom="The webhook of Teams")


def card_of(letter: Letter) -> dict[str, object]:
    """Return the message with the card that shows a letter, one block a paragraph."""
    blocks: list[dict[str, object]] = [
        {
            "type": "TextBlock",
            "text": _shown(letter.subject),
            "weight": "Bolder",
            "wrap": True,
        }
    ]
    size = 0
    for paragraph in letter.text.strip().split("\n\n"):
        # A card joins lines that are not kept apart by an empty one.
        text = "\n\n".join(map(_shown, paragraph.splitlines()))
        size += len(text.encode(errors="replace"))
        if size > BYTES_LIMIT:
            blocks.append(_block("It goes on in the queue."))
            break
        blocks.append(_block(text))
    return {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": blocks,
                },
            }
        ],
    }


def _block(text: str) -> dict[str, object]:
    return {"type": "TextBlock", "text": text, "wrap": True}


def _shown(line: str) -> str:
    """Return a line that shows as it was typed, with its addresses as links."""
    parts = _LINK.split(line)
    told = [
        f"[{part}]({part})" if number % 2 else _MARKUP.sub(r"\\\1", part)
        for number, part in enumerate(parts)
    ]
    return _LISTED.sub(r"\1\\\2", "".join(told))
