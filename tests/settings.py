"""The product's own settings, with what only a test run needs."""

import os
import tempfile
from pathlib import Path

# Before the settings are read: no test touches the register that a developer runs.
os.environ.setdefault("TRACKER_DATA_DIR", tempfile.mkdtemp(prefix="best-before-test-"))
os.environ.setdefault(
    "SECRET_KEY", "only-for-the-tests-and-long-enough-to-pass-a-check"
)

from tracker.settings import *  # noqa: F403

# Signing in is part of most tests, and slow on purpose everywhere else.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TRACKER_DATA_DIR = Path(os.environ["TRACKER_DATA_DIR"])

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, as in life: threads of one process do not share a database in memory.
    DATABASES["default"]["TEST"] = {"NAME": str(TRACKER_DATA_DIR / "test.sqlite3")}  # noqa: F405
