"""
Importing an inventory: an idempotent upsert by identifier, all or nothing for a file.

`inventory` is the service; `plan` works out what a file would change, `apply` writes it.
"""

from reviews.services.imports.inventory import import_inventory
from reviews.services.imports.report import ImportRefusedError, ImportReport, RowOutcome

__all__ = ["ImportRefusedError", "ImportReport", "RowOutcome", "import_inventory"]
