"""Slack: by an incoming webhook of the reader's own, or by the installation's bot."""

from reviews.connectors.http import HTTPClient
from reviews.connectors.posting import post_json
from reviews.ports.notices import Letter
from reviews.ports.outside import OutsideError

_TEXT_LIMIT = 30_000

# What may pass by itself; everything else waits for somebody to put it right.
_PASSING = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
    }
)
_REMEDIES = {
    "channel_not_found": "nobody and no channel goes by this member id",
    "not_in_channel": "the bot is not in that channel; invite it",
    "is_archived": "the channel is archived",
    "invalid_auth": "the token in SLACK_BOT_TOKEN is not valid",
    "not_authed": "SLACK_BOT_TOKEN is empty",
    "account_inactive": "the token in SLACK_BOT_TOKEN is of a bot that was removed",
    "token_revoked": "the token in SLACK_BOT_TOKEN was revoked",
    "missing_scope": "the bot lacks the scope chat:write",
}


class SlackWebhook:
    """
    An incoming webhook: its address is the reader.

    Source: Slack's "Sending messages using incoming webhooks"; its errors are short words
    with a status of 400, 403, 404 or 410.
    """

    def __init__(self, client: HTTPClient) -> None:
        self._client = client

    def send(self, letter: Letter) -> None:
        """
        Hand a message over.

        :raises OutsideError: if it was not taken.
        """
        payload = {"text": _text(letter), "mrkdwn": False}
        post_json(self._client, letter.to, payload, whom="The webhook of Slack")


class SlackBot:
    """
    The Web API's chat.postMessage: a member's id is the reader.

    Source: Slack's "chat.postMessage", which answers 200 with `ok` false to what it
    refuses, and names the error.
    """

    def __init__(self, client: HTTPClient, *, base: str, token: str) -> None:
        self._client = client
        self._url = f"{base.rstrip('/')}/chat.postMessage"
        self._token = token

    def send(self, letter: Letter) -> None:
        """
        Hand a message over.

        :raises OutsideError: if it was not taken.
        """
        answer = post_json(
            self._client,
            self._url,
            {
                "channel": letter.to,
                "text": _text(letter),
                "mrkdwn": False,
                "unfurl_links": False,
                "unfurl_media": False,
            },
            whom="Slack",
            headers={"Authorization": f"Bearer {self._token}"},
        ).json()
        if isinstance(answer, dict) and answer.get("ok") is True:
            return
        said = str(answer.get("error", "")) if isinstance(answer, dict) else ""
        if not said.isidentifier():
            raise OutsideError("Slack's answer does not say whether it took it.")
        raise OutsideError(
            f"Slack refuses: {_REMEDIES.get(said, said)}.",
            permanent=said not in _PASSING,
            status=200,
        )


def _text(letter: Letter) -> str:
    """Return the text with the three characters escaped that begin what is not text."""
    # Source: Slack's "Formatting text for app surfaces", "Escaping text". So no name
    # calls a channel, mentions anybody, or hides where a link leads.
    text = letter.text[:_TEXT_LIMIT]
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, entity)
    return text
