"""What the tests of services share."""

import pytest

from reviews.models import Solution
from tests.conftest import Cast
from tests.services.building import registered


@pytest.fixture
def django(cast: Cast) -> Solution:
    """Django, which the platform team owns and nobody has evaluated."""
    return registered("Django", team=cast.platform)
