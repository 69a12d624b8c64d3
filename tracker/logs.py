"""What a log must not have: the secrets that are part of an address."""

import logging
import re

_SECRET_PATHS = re.compile(r"(/calendar/|/stop/)[^\s\"'?]+")


class WithoutSecrets(logging.Filter):
    """Takes the tokens of calendars and of the end of messages out of every line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True: every line is written, with its addresses shortened."""
        said = record.getMessage()
        shortened = _SECRET_PATHS.sub(r"\1…", said)
        if shortened != said:
            record.msg, record.args = shortened, ()
        return True
