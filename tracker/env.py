"""
Reads the environment; nothing else of the project looks at it.

Every function returns a value of one type or stops the process with a message that
names the variable and the remedy. What the settings mean stands in docs/settings.md.
"""

import os
import re
import secrets
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured
from packageurl.contrib.purl2url import get_download_url, get_repo_url

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str) -> str:
    """Return a variable, or the content of the file that `NAME_FILE` names."""
    file = os.environ.get(f"{name}_FILE")
    if not file:
        return os.environ.get(name, default)
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"{name}_FILE names {file}, which cannot be read as text: {error}."
        ) from error


def data_folder(name: str, default: Path) -> Path:
    """Return the folder of the embedded default's files, made if it is not there."""
    path = Path(text(name, str(default)))
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if text("DATABASE_URL", "") and text("SECRET_KEY", ""):
            # Everything is kept elsewhere: a folder that cannot be made is not missed.
            return path
        raise ImproperlyConfigured(
            f"{name} is {path}, which cannot be a folder: {error.strerror}."
        ) from error
    return path


def one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return one of some words, whatever its case."""
    value = text(name, default).upper()
    if value not in choices:
        raise ImproperlyConfigured(
            f"{name} is {value[:40]!r}: write one of {', '.join(choices)}."
        )
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes or a no; anything that reads as neither stops the process."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in _TRUE:
        return True
    if value.strip().lower() in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}: write true or false.")


def words(name: str, default: tuple[str, ...]) -> list[str]:
    """Return a list written with commas."""
    value = os.environ.get(name)
    if value is None:
        return list(default)
    return [word.strip() for word in value.split(",") if word.strip()]


def number(name: str, default: int, *, at_least: int, at_most: int) -> int:
    """Return a whole number within its bounds."""
    value = os.environ.get(name, str(default))
    if not value.isascii() or not value.isdigit():
        raise ImproperlyConfigured(f"{name} is {value[:20]!r}: write a whole number.")
    if len(value) > 20 or not at_least <= int(value) <= at_most:
        raise ImproperlyConfigured(
            f"{name} is {value[:20]}: it goes from {at_least} to {at_most}."
        )
    return int(value)


def address(name: str, default: str) -> str:
    """Return the address of a server, without a slash at its end; empty for none."""
    value = text(name, default).strip().rstrip("/")
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        usable = usable and not (parts.query or parts.fragment or parts.username)
        parts.port  # noqa: B018 - asking is what finds a port that is none
    except ValueError:
        usable = False
    if not usable:
        raise ImproperlyConfigured(
            f"{name} is {value[:100]!r}: write an address such as "
            "https://mirror.example, or nothing to leave the source out."
        )
    return value


def hosts(name: str) -> list[str]:
    """Return a list of hosts written with commas, each with a port or without."""
    found = words(name, ())
    for host in found:
        parts = urlsplit(f"//{host}")
        try:
            usable = bool(parts.hostname) and parts.netloc == host.strip()
            usable = usable and not (parts.path or parts.username or parts.query)
            usable = usable and parts.port != 0 and _is_host(parts.hostname or "")
        except ValueError:
            usable = False
        if not usable:
            raise ImproperlyConfigured(
                f"{name} has {host[:50]!r}: write jira.example or jira.example:8443, "
                "in ASCII, without a wildcard or a dot at the end."
            )
    return [host.lower() for host in found]


def _is_host(text: str) -> bool:
    """Return whether a text is a host as it is dialled: a name, or a plain address."""
    if ":" in text or text.rpartition(".")[2].isdigit():
        # ValueError for 127.1 and the like, which is what asks for this.
        return str(ip_address(text)) == text
    return _HOST.fullmatch(text) is not None


def secrets_of(prefix: str, kinds: tuple[str, ...]) -> dict[str, str]:
    """
    Return the variables `PREFIX_<NAME>_<KIND>`, or the files of `…_FILE`, as they are.

    The keys are `<NAME>_<KIND>`, as written.
    """
    found = {}
    for variable in os.environ:
        name = variable.removesuffix("_FILE")
        if name.startswith(f"{prefix}_") and name.endswith(
            tuple(f"_{k}" for k in kinds)
        ):
            found[name.removeprefix(f"{prefix}_")] = text(name, "")
    return found


def mail_server(name: str) -> dict[str, Any]:
    """Return how e-mail is sent, for Django's SMTP backend; empty for not at all."""
    url = text(name, "")
    if not url:
        return {}
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is no address: {error}.") from error
    if parts.scheme not in ("smtp", "smtp+tls", "smtps") or not parts.hostname:
        raise ImproperlyConfigured(
            f"{name} must be smtp://, smtp+tls:// (STARTTLS) or smtps:// (TLS from the "
            "start), then user:password@host:port."
        )
    usual = {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme]
    return {
        "host": parts.hostname,
        "port": port or usual,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtps",
    }


def registry(ecosystem: str) -> str:
    """
    Return where a public package registry is, as the purl library knows it.

    No file of the project names such a host: companies put their own in its place.
    """
    purl = f"pkg:{ecosystem}/name@1"
    known = get_download_url(purl) or get_repo_url(purl)
    parts = urlsplit(known or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def networks(name: str) -> list[str]:
    """Return a list of networks written with commas: 10.2.0.0/16, fd12::/64."""
    found = words(name, ())
    for network in found:
        try:
            ip_network(network)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} has {network[:50]!r}, which is no network ({error}): write it "
                "as 10.2.0.0/16."
            ) from error
    return found


def time_zone(name: str, default: str) -> str:
    """Return the name of a time zone that the machine's zone database knows."""
    value = os.environ.get(name) or default
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImproperlyConfigured(
            f"{name} is {value!r}, which is no time zone: "
            "write a name such as Europe/Berlin or America/New_York."
        ) from error
    return value


def secret_key(name: str, data_dir: Path) -> str:
    """
    Return the key that signs sessions.

    Where none is given, one is made at the first start and kept in the data folder,
    readable by its owner alone: no two installations share a key that a repository
    could leak.
    """
    given = text(name, "")
    if given:
        return given
    file = data_dir / "secret-key"
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        draft = data_dir / f"secret-key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            # Two processes that start together must agree on one key.
            os.link(draft, file)
        except FileExistsError:
            pass
        draft.unlink()
    return file.read_text().strip()


def folder(path: Path) -> Path:
    """Return a folder, made if that is possible."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        # Nothing collected, nothing kept: static files are served from their sources.
        pass
    return path


def database(name: str, data_dir: Path) -> dict[str, Any]:
    """Return Django's settings for the database: SQLite in the data folder by default."""
    url = text(name, "")
    if not url:
        data_dir.mkdir(parents=True, exist_ok=True)
        return sqlite(data_dir / "best-before.sqlite3")
    try:
        # Asking for the port is what finds a bad one.
        bare_marks = bool(urlsplit(url).fragment) or urlsplit(url).port == 0
        config: dict[str, Any] = environ.Env.db_url_config(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is no address: {error}.") from error
    if bare_marks:
        raise ImproperlyConfigured(
            f"{name} is no address: in a password, write %23 for # and %2F for /."
        )
    if config.get("ENGINE") == "django.db.backends.sqlite3":
        return sqlite(Path(config["NAME"]))
    if config.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            f"{name} must begin with postgres:// or sqlite:///, "
            f"not {url.partition(':')[0]!r}."
        )
    return config | postgresql(config.get("OPTIONS", {}))


def postgresql(options: dict[str, Any]) -> dict[str, Any]:
    """Return what every connection to PostgreSQL gets beside its address."""
    # A client that vanished in mid-transaction must not hold the scan's rows for ever.
    session = "-c idle_in_transaction_session_timeout=60000 -c lock_timeout=30000"
    # A worker that was killed must not go on scanning in the database's name.
    session += " -c client_connection_check_interval=1000"
    # Compiling a statement that runs once a night costs more than it saves.
    session += " -c jit=off"
    return {
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # Prepared statements, which spare a quarter of a page's time. A pooler in front
        # has to know them, as PgBouncer does from 1.21 on.
        "OPTIONS": {
            "options": session,
            "connect_timeout": 10,
            "prepare_threshold": 5,
            "server_side_binding": True,
        }
        | options,
    }


def sqlite(file: Path) -> dict[str, Any]:
    """
    Return settings under which several threads and processes share one SQLite file.

    Writers queue at BEGIN IMMEDIATE instead of failing halfway, and readers never wait.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
                "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON; "
                "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-65536;"
            ),
        },
    }
