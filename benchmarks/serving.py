"""The product behind gunicorn, as it is deployed, for what is measured from outside."""

import os
import socket
import subprocess
import sys
import time
from typing import Self


class Server:
    """Gunicorn on a register's database."""

    def __init__(self, url: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "tracker.wsgi", "--workers", "2"),
                *("--bind", f"127.0.0.1:{self.port}", "--no-control-socket"),
            ],
            env=os.environ | {"DATABASE_URL": url},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return self
        raise SystemExit("gunicorn did not start.")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)
