"""
Files on their way in: read up to a limit, and kept while somebody looks at them first.

What is kept waits in the table of sessions, under a key that only the visitor's own
session knows: every web process finds it there, and it is gone after an hour.
"""

import base64
import zlib
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

KEPT_FOR = timedelta(hours=1)
_SLOT = "file to import"


class BoundedUpload(FileUploadHandler):
    """
    Lets the bytes of a file pass up to a limit.

    Beyond it, what still comes is read off the line and dropped, so that the sender
    hears the answer; `was_too_large` then says so.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self.was_too_large = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > self._limit:
            self.was_too_large = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        # Whoever stands behind this one keeps the file.
        pass


def keep(request: HttpRequest, *, filename: str, content: bytes) -> str:
    """Keep a file for an hour, in place of one kept before; return how it is called."""
    forget(request)
    SessionStore.clear_expired()
    store = SessionStore()
    store["filename"] = filename
    store["content"] = base64.b85encode(zlib.compress(content)).decode()
    store.set_expiry(KEPT_FOR)
    store.create()
    digest = sha256(content).hexdigest()
    request.session[_SLOT] = [digest, store.session_key]
    return digest


def kept(request: HttpRequest, digest: str) -> tuple[str, bytes] | None:
    """Return the name and the content of what was kept, None if it is gone by now."""
    slot: Any = request.session.get(_SLOT)
    if not slot or slot[0] != digest:
        return None
    store = SessionStore(slot[1])
    if "content" not in store:
        return None
    content = zlib.decompress(base64.b85decode(store["content"]))
    return store["filename"], content


def forget(request: HttpRequest) -> None:
    """Delete what was kept, if anything."""
    slot: Any = request.session.pop(_SLOT, None)
    if slot:
        SessionStore(slot[1]).delete()
