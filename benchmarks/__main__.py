"""
Measures everything, or what is named: `python -m benchmarks scan tickets`; the parts
are scan, pages, imports, evidence, tickets and lists.

It makes databases of its own beside the one that TEST_POSTGRES_URL names, and takes
them away again. Exits 1 if a target is missed.
"""

import os
import platform
import sys
import tempfile

SIZES = {"small": 100_000, "large": 1_000_000}


def main(names: list[str]) -> int:
    os.environ["TRACKER_DATA_DIR"] = tempfile.mkdtemp(prefix="best-before-bench-")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    url = os.environ.get(
        "TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres"
    )
    os.environ["DATABASE_URL"] = url

    import django

    django.setup()

    from benchmarks import (
        evidence,
        imports,
        lists,
        pages,
        registers,
        report,
        scan,
        tickets,
    )

    parts = {
        "scan": scan.measure,
        "pages": pages.measure,
        "imports": imports.measure,
        "evidence": evidence.measure,
        "tickets": tickets.measure,
    }
    # These make registers of their own.
    apart = {"lists": lists.measure}
    unknown = set(names) - parts.keys() - apart.keys()
    if unknown:
        known = ", ".join([*parts, *apart])
        print(f"No such part: {', '.join(unknown)}; there are {known}.")
        return 2
    print(f"{os.cpu_count()} cores, {platform.machine()}, {platform.python_version()}")
    wanted = names or [*parts, *apart]
    if parts.keys() & set(wanted):
        with registers.made(url, SIZES) as made:
            print(f"{registers.server_version()}; registers of {SIZES}")
            for name in wanted:
                if name in parts:
                    parts[name](made)
    for name in wanted:
        if name in apart:
            apart[name]()
    return report.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
