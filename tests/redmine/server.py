"""
Starts Debian's Redmine on the loopback, with a database and a directory of its own.

Nothing outside that directory is written to but what the package itself keeps.
"""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.redmine.install import bundler_environment

APPLICATION = Path("/usr/share/redmine")
PROJECT = "reviews"
START_SECONDS = 60

_SEED = Path(__file__).with_name("seed.rb")
_DATABASE = """\
production:
  adapter: sqlite3
  database: {file}
  timeout: 10000
"""


@dataclass(frozen=True, slots=True)
class RealRedmine:
    """
    A running Redmine: its address, and the API keys of three accounts.

    `robot` may do what the product needs, `mute` may read and make issues only.
    """

    address: str
    admin: str
    robot: str
    mute: str

    def delete(self, id: str) -> None:
        """Delete an issue, as an administrator."""
        request = urllib.request.Request(
            f"{self.address}/issues/{id}.json",
            method="DELETE",
            headers={"X-Redmine-API-Key": self.admin},
        )
        with urllib.request.urlopen(request, timeout=30):
            pass

    def change(self, id: str, **said: object) -> None:
        """Change fields of an issue, as an administrator."""
        request = urllib.request.Request(
            f"{self.address}/issues/{id}.json",
            method="PUT",
            data=json.dumps({"issue": said}).encode(),
            headers={
                "X-Redmine-API-Key": self.admin,
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=30):
            pass


@contextlib.contextmanager
def running(directory: Path) -> Iterator[RealRedmine]:
    """Run a new Redmine for as long as the block lasts, all that it has in a directory."""
    environment = _prepared(directory)
    _ruby(environment, "rake", "db:migrate")
    _ruby(environment, "rake", "redmine:load_default_data")
    keys = json.loads(
        _ruby(environment, "rails", "runner", str(_SEED)).splitlines()[-1]
    )
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    log = directory / "puma.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            (
                *("puma", "--bind", f"tcp://127.0.0.1:{port}"),
                *("--environment", "production", "--dir", str(APPLICATION)),
            ),
            env=environment,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(address, process, log)
        yield RealRedmine(address, **keys)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _prepared(directory: Path) -> dict[str, str]:
    """Return the environment for an instance in a directory, which is laid out."""
    for name in ("config", "files", "log", "tmp", "public/plugin_assets"):
        (directory / name).mkdir(parents=True)
    database = _DATABASE.format(file=directory / "redmine.db")
    (directory / "config" / "database.yml").write_text(database)
    (directory / "config" / "secret_key.txt").write_text(secrets.token_hex(32))
    # The package looks for an instance by its name under a directory of its own, so
    # the name steps out of that: up to the root, where more steps up lead nowhere.
    instance = f"{'../' * 12}{str(directory.resolve()).lstrip('/')}"
    # Little of this environment: Rails would take its DATABASE_URL for its own.
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    return {
        **kept,
        **bundler_environment(),
        "BUNDLE_GEMFILE": str(APPLICATION / "Gemfile"),
        "RAILS_ENV": "production",
        "REDMINE_INSTANCE": instance,
        "REDMINE_LANG": "en",
        # Otherwise a migration writes the schema beside the application.
        "SCHEMA": os.devnull,
        # A day here is not the day of whoever asks.
        "TZ": "Pacific/Auckland",
        "LC_ALL": "C.UTF-8",
    }


def _ruby(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        ("bundle", "exec", *command),
        cwd=APPLICATION,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command} failed: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def _wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/login", timeout=30):
                return
        except urllib.error.URLError:
            time.sleep(0.2)
    raise RuntimeError(f"Redmine does not start: {log.read_text(errors='replace')}")
