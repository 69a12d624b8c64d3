"""The first versions of the evaluation templates: for the migration and for the tests."""

from datetime import UTC, datetime
from typing import Any

from reviews.rules.criteria import BUILT_IN


def add_first_versions(templates: Any, criteria: Any) -> None:
    """Add version 1 for every kind, with the models as the caller knows them."""
    for kind, questions in BUILT_IN.items():
        template = templates.objects.create(
            kind=kind.value,
            version=1,
            made_by_name="Best Before",
            made_at=datetime.now(UTC),
        )
        criteria.objects.bulk_create(
            criteria(
                template=template,
                position=position,
                key=each.key,
                question=each.question,
                guidance=each.guidance,
                scale=each.scale.value,
                required=each.required,
            )
            for position, each in enumerate(questions, 1)
        )
