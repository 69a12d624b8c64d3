"""Predicting the end of support where none is listed, from the product's other cycles."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from django.db import transaction

from reviews.models import ListedProduct, Signal, SourceCheck
from reviews.rules.endoflife.lifecycle import Product, QuestionKind, support_question
from reviews.rules.evidence.support import ENDED
from reviews.rules.signals import Confidence, Fact, SignalKind, Source
from reviews.services.evidence.keeping import keep_prediction
from reviews.services.locks import locked_solution

logger = logging.getLogger(__name__)

SAME_DAYS = 14
"""By how many days a prediction has to move before it is told anew."""


@dataclass(frozen=True, slots=True)
class _InUse:
    """The release cycle that a solution is on, and the page that lists it."""

    product: str
    cycle: str
    page: str


def forecast(*, solution_ids: Sequence[int], today: date, now: datetime) -> int:
    """
    Keep what the forecast says of the cycles in use; return of how many it changed.

    It speaks only where a cycle is known and its end is not listed.
    """
    cycles = _cycles_in_use(solution_ids)
    products = _products({in_use.product for in_use in cycles.values()})
    standing = {
        signal.solution_id: signal
        for signal in Signal.objects.standing().filter(
            solution_id__in=solution_ids, source=Source.FORECAST.value
        )
    }
    changed = 0
    for solution_id in sorted(cycles.keys() | standing.keys()):
        fact = _predicted(cycles.get(solution_id), products, today)
        if _same(standing.get(solution_id), fact):
            continue
        with transaction.atomic():
            locked_solution(solution_id)
            changed += keep_prediction(
                solution_id=solution_id,
                facts=[fact] if fact else [],
                today=today,
                now=now,
            )
    return changed


def product_of(row: ListedProduct) -> Product:
    """
    Return a product as the rules see it.

    :raises msgspec.ValidationError: if somebody else wrote the row.
    """
    return msgspec.convert(row.cycles, Product)


def _cycles_in_use(solution_ids: Sequence[int]) -> dict[int, _InUse]:
    """Return the product and the cycle of each solution whose end is not listed."""
    asked = dict(
        SourceCheck.objects.filter(
            solution_id__in=solution_ids, source=Source.ENDOFLIFE.value
        )
        .exclude(answered_at=None)
        .values_list("solution_id", "subject")
    )
    rows = (
        Signal.objects.standing()
        .filter(
            solution_id__in=list(asked),
            source=Source.ENDOFLIFE.value,
            kind=SignalKind.END_OF_LIFE.value,
            effective_on=None,
        )
        .exclude(value=ENDED)
        .values_list("solution_id", "subject", "source_url")
    )
    return {id: _InUse(asked[id], cycle, page) for id, cycle, page in rows}


def _products(names: set[str]) -> Mapping[str, Product]:
    rows = ListedProduct.objects.filter(name__in=names) if names else ()
    products = {}
    for row in rows:
        try:
            products[row.name] = product_of(row)
        except msgspec.ValidationError:
            # Its next answer puts it right; until then nothing is foretold of it.
            logger.exception("the listed product %s cannot be read", row.name)
    return products


def _predicted(
    in_use: _InUse | None, products: Mapping[str, Product], today: date
) -> Fact | None:
    if in_use is None or in_use.product not in products:
        return None
    asked = support_question(products[in_use.product], in_use.cycle, today)
    if asked is None or asked.kind is not QuestionKind.PREDICTED:
        return None
    return Fact(
        kind=SignalKind.PREDICTED_END,
        subject=in_use.cycle,
        value=asked.reason,
        effective_on=asked.ends_on,
        confidence=Confidence.PREDICTED,
        # What it was worked out from can be read there.
        address=in_use.page,
    )


def _same(signal: Signal | None, fact: Fact | None) -> bool:
    if signal is None or fact is None:
        return signal is None and fact is None
    if signal.effective_on is None or fact.effective_on is None:
        return signal.effective_on == fact.effective_on
    moved = abs((signal.effective_on - fact.effective_on).days)
    return signal.subject == fact.subject and moved <= SAME_DAYS
