"""What the tests of messages share: a mail server, and everybody's subscription."""

from collections.abc import Iterator

import pytest

from reviews.models import Subscription, User
from tests.conftest import Cast
from tests.mailing import Mailbox, mail_server
from tests.services.messages.telling import subscribed


@pytest.fixture
def mail() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def readers(cast: Cast) -> dict[str, Subscription]:
    """Everybody's e-mail subscription, due at this instant, by the first name."""
    return {user.username: subscribed(user) for user in User.objects.all()}
