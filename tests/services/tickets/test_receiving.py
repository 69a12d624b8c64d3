"""The inbox: each delivery once, whatever it is called and whatever it says."""

from datetime import timedelta

import pytest

from reviews.models import Arrival, Connection
from reviews.services.tickets.receiving import KEPT, forget_arrivals, receive
from tests.conftest import NOW
from tests.services.test_at_once import at_once
from tests.ticketing import connected

BODY = '{"issue": {"number": 7}}'


def received(connection: Connection, id: str = "d-1", body: str = BODY) -> bool:
    return receive(
        connection=connection, delivery_id=id, event="issues", body=body, now=NOW
    )


@pytest.mark.django_db
def test_a_delivery_is_new_once() -> None:
    connection = connected()

    assert [received(connection) for _ in range(3)] == [True, False, False]
    assert Arrival.objects.get().body == BODY


@pytest.mark.django_db
def test_another_body_under_the_same_id_is_not_believed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    connection = connected()
    received(connection)

    assert not received(connection, body='{"issue": {"number": 8}}')

    assert Arrival.objects.get().body == BODY
    assert "'d-1' came again with another body" in caplog.text


@pytest.mark.django_db
def test_a_repetition_is_known_after_it_was_taken_up() -> None:
    connection = connected()
    received(connection)
    Arrival.objects.update(handled_at=NOW, outcome="Read #7.")

    assert not received(connection)
    assert Arrival.objects.get().handled_at == NOW


@pytest.mark.django_db
def test_connections_do_not_share_ids() -> None:
    assert received(connected("one"))
    assert received(connected("two"))


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_comes_many_times_at_once_is_stored_once() -> None:
    connection = connected()
    new: list[bool] = []

    raised = at_once(*[lambda: new.append(received(connection))] * 8)

    assert raised == []
    assert sorted(new) == [False] * 7 + [True]
    assert Arrival.objects.count() == 1


@pytest.mark.django_db
def test_only_what_was_taken_up_long_ago_is_forgotten() -> None:
    connection = connected()
    for id in ("old", "old and waiting", "young"):
        received(connection, id)
    Arrival.objects.exclude(delivery_id="old and waiting").update(handled_at=NOW)
    old = Arrival.objects.filter(delivery_id__startswith="old")
    old.update(received_at=NOW - KEPT - timedelta(seconds=1))

    assert forget_arrivals(now=NOW) == 1
    assert set(Arrival.objects.values_list("delivery_id", flat=True)) == {
        "old and waiting",
        "young",
    }
