"""What is read from the environment, and how a mistake there is told."""

import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tracker import env

ROOT = Path(__file__).resolve().parents[1]
NAME = "THE_SETTING"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the variable, as the one who runs the tracker would."""
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.delenv(f"{NAME}_FILE", raising=False)

    def give(value: str | Path, *, suffix: str = "") -> None:
        monkeypatch.setenv(NAME + suffix, str(value))

    return give


class TestText:
    def test_is_the_default_where_nothing_is_set(self, given: Any) -> None:
        assert env.text(NAME, "the default") == "the default"

    def test_is_what_is_set(self, given: Any) -> None:
        given("a value")

        assert env.text(NAME, "the default") == "a value"

    def test_comes_from_a_file_without_its_line_end(
        self, given: Any, tmp_path: Path
    ) -> None:
        (tmp_path / "secret").write_text("from the file\n")
        given("from the variable")
        given(tmp_path / "secret", suffix="_FILE")

        assert env.text(NAME, "") == "from the file"

    @pytest.mark.parametrize("place", ["missing", ".", "missing/deeper"])
    def test_of_a_file_that_cannot_be_read_is_refused(
        self, given: Any, tmp_path: Path, place: str
    ) -> None:
        given(tmp_path / place, suffix="_FILE")

        with pytest.raises(ImproperlyConfigured, match="THE_SETTING_FILE names"):
            env.text(NAME, "")


class TestFlag:
    @pytest.mark.parametrize("value", ["1", "true", "TRUE", "yes", "On", " true "])
    def test_is_a_yes(self, given: Any, value: str) -> None:
        given(value)

        assert env.flag(NAME, default=False) is True

    @pytest.mark.parametrize("value", ["0", "false", "False", "no", "OFF", "", " "])
    def test_is_a_no(self, given: Any, value: str) -> None:
        given(value)

        assert env.flag(NAME, default=True) is False

    @pytest.mark.parametrize("value", ["maybe", "2", "-1", "truee", "y", "none"])
    def test_that_is_neither_is_refused(self, given: Any, value: str) -> None:
        given(value)

        with pytest.raises(ImproperlyConfigured, match=r"THE_SETTING.*true or false"):
            env.flag(NAME, default=True)

    def test_has_a_default(self, given: Any) -> None:
        assert env.flag(NAME, default=True) is True


class TestWords:
    @pytest.mark.parametrize(
        ("value", "words"),
        [
            ("a", ["a"]),
            ("a,b", ["a", "b"]),
            (" a , b ,, ", ["a", "b"]),
            ("", []),
        ],
    )
    def test_stand_between_commas(
        self, given: Any, value: str, words: list[str]
    ) -> None:
        given(value)

        assert env.words(NAME, ("default",)) == words


class TestAddress:
    @pytest.mark.parametrize(
        ("value", "address"),
        [
            ("https://mirror.example", "https://mirror.example"),
            (" http://mirror.example:8080/api/ ", "http://mirror.example:8080/api"),
            ("", ""),
        ],
    )
    def test_is_one_without_a_slash_at_its_end(
        self, given: Any, value: str, address: str
    ) -> None:
        given(value)

        assert env.address(NAME, "https://default.example") == address

    @pytest.mark.parametrize(
        "value",
        [
            "mirror.example",
            "ftp://mirror.example",
            "https://",
            "https://mirror.example:port",
            "https://user:secret@mirror.example",
            "https://mirror.example/?x=y",
            "https://[mirror",
        ],
    )
    def test_that_is_none_is_refused(self, given: Any, value: str) -> None:
        given(value)

        with pytest.raises(
            ImproperlyConfigured, match=r"THE_SETTING.*write an address"
        ):
            env.address(NAME, "")

    def test_of_a_registry_is_the_one_that_purls_lead_to(self) -> None:
        assert env.registry("pypi").startswith("https://")
        assert env.registry("npm").startswith("https://")
        assert env.registry("no-such-ecosystem") == ""


class TestNetworks:
    def test_stand_between_commas(self, given: Any) -> None:
        given("10.2.0.0/16, fd12::/64")

        assert env.networks(NAME) == ["10.2.0.0/16", "fd12::/64"]

    @pytest.mark.parametrize("value", ["10.2.0.1/16", "everything", "10.0.0.0/33"])
    def test_that_are_none_are_refused(self, given: Any, value: str) -> None:
        given(value)

        with pytest.raises(ImproperlyConfigured, match=r"THE_SETTING.*no network"):
            env.networks(NAME)


class TestHosts:
    def test_are_named_with_a_port_or_without(self, given: Any) -> None:
        given("jira.internal, Redmine.internal:8443 ,[fd12::1]:80")

        assert env.hosts(NAME) == [
            "jira.internal",
            "redmine.internal:8443",
            "[fd12::1]:80",
        ]

    @pytest.mark.parametrize(
        "value",
        [
            *("https://jira.internal", "jira.internal/rest", "me@jira", "jira:port"),
            *(":80", "*", "*.internal", "jira.internal.", "127.1", "bücher.example"),
            "jira:0",
        ],
    )
    def test_that_are_none_stop_the_process(self, given: Any, value: str) -> None:
        given(value)

        with pytest.raises(ImproperlyConfigured, match=NAME):
            env.hosts(NAME)


class TestSecretsOf:
    def test_are_found_by_their_names(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "secret").write_text("from a file\n")
        monkeypatch.setenv("THINGS_ISSUES_TOKEN", "a token")
        monkeypatch.setenv("THINGS_OUR_JIRA_SECRET_FILE", str(tmp_path / "secret"))
        monkeypatch.setenv("THINGS_ISSUES_OTHER", "not asked for")

        assert env.secrets_of("THINGS", ("TOKEN", "SECRET")) == {
            "ISSUES_TOKEN": "a token",
            "OUR_JIRA_SECRET": "from a file",
        }

    def test_of_a_file_that_is_not_there_stop_the_process(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("THINGS_ISSUES_TOKEN_FILE", str(tmp_path / "none"))

        with pytest.raises(ImproperlyConfigured, match="THINGS_ISSUES_TOKEN_FILE"):
            env.secrets_of("THINGS", ("TOKEN",))


class TestMailServer:
    def test_is_none_where_nothing_is_set(self, given: Any) -> None:
        assert env.mail_server(NAME) == {}

    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("smtp://mail.internal", (25, False, False)),
            ("smtp+tls://mail.internal", (587, True, False)),
            ("smtps://mail.internal", (465, False, True)),
            ("smtp+tls://mail.internal:2525", (2525, True, False)),
        ],
    )
    def test_is_spoken_to_as_its_address_says(
        self, given: Any, url: str, expected: tuple[int, bool, bool]
    ) -> None:
        given(url)

        found = env.mail_server(NAME)

        assert (found["port"], found["use_tls"], found["use_ssl"]) == expected

    def test_takes_a_password_with_any_character(self, given: Any) -> None:
        given("smtp+tls://tracker:p%40ss%2Fword@mail.internal")

        found = env.mail_server(NAME)

        assert (found["username"], found["password"]) == ("tracker", "p@ss/word")

    @pytest.mark.parametrize(
        "url", ["mail.internal", "http://mail.internal", "smtp://", "smtp://mail:port"]
    )
    def test_that_is_none_stops_the_process(self, given: Any, url: str) -> None:
        given(url)

        with pytest.raises(ImproperlyConfigured, match=NAME):
            env.mail_server(NAME)


class TestNumber:
    @pytest.mark.parametrize("value", ["1", "80", "65535", "0080"])
    def test_is_a_whole_one(self, given: Any, value: str) -> None:
        given(value)

        assert env.number(NAME, 8000, at_least=1, at_most=65535) == int(value)

    @pytest.mark.parametrize(
        "value",
        ["", " ", "-1", "+1", "1.5", "1e3", "0x1f", "eighty", "\u0661", "\u00b2"],
    )
    def test_that_is_none_is_refused(self, given: Any, value: str) -> None:
        given(value)

        with pytest.raises(ImproperlyConfigured, match=r"THE_SETTING.*whole number"):
            env.number(NAME, 8000, at_least=1, at_most=65535)

    @pytest.mark.parametrize("value", ["0", "65536", "9" * 40])
    def test_out_of_bounds_is_refused(self, given: Any, value: str) -> None:
        given(value)

        with pytest.raises(ImproperlyConfigured, match=r"THE_SETTING.*from 1 to 65535"):
            env.number(NAME, 8000, at_least=1, at_most=65535)

    def test_has_a_default(self, given: Any) -> None:
        assert env.number(NAME, 8000, at_least=1, at_most=65535) == 8000


class TestTimeZone:
    @pytest.mark.parametrize(
        "value", ["UTC", "Europe/Berlin", "Pacific/Kiritimati", "Asia/Kathmandu"]
    )
    def test_is_one_that_the_machine_knows(self, given: Any, value: str) -> None:
        given(value)

        assert env.time_zone(NAME, "UTC") == value

    @pytest.mark.parametrize(
        "value",
        [
            "Mars/Olympus",
            "CET+1",
            "+02:00",
            "Europe",
            "../../etc/passwd",
            "/etc/localtime",
            "zone.tab",
            " UTC",
            "x" * 5_000,
        ],
    )
    def test_that_is_unknown_is_refused(self, given: Any, value: str) -> None:
        given(value)

        with pytest.raises(ImproperlyConfigured, match=r"THE_SETTING.*Europe/Berlin"):
            env.time_zone(NAME, "UTC")

    @pytest.mark.parametrize("value", [None, ""])
    def test_has_a_default(self, given: Any, value: str | None) -> None:
        if value is not None:
            given(value)

        assert env.time_zone(NAME, "Europe/Berlin") == "Europe/Berlin"


class TestDatabase:
    def test_is_sqlite_in_the_data_folder_by_default(
        self, given: Any, tmp_path: Path
    ) -> None:
        config = env.database(NAME, tmp_path / "new" / "folder")

        assert config["ENGINE"] == "django.db.backends.sqlite3"
        assert config["NAME"] == str(tmp_path / "new/folder/best-before.sqlite3")
        assert (tmp_path / "new" / "folder").is_dir()

    def test_is_a_sqlite_file_that_writers_queue_for(
        self, given: Any, tmp_path: Path
    ) -> None:
        given(f"sqlite:///{tmp_path}/other.sqlite3")

        config = env.database(NAME, tmp_path)

        assert config["NAME"] == f"{tmp_path}/other.sqlite3"
        assert config["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
        assert "recursive_triggers=ON" in config["OPTIONS"]["init_command"]

    @pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
    def test_is_postgresql_with_the_options_of_its_address(
        self, given: Any, tmp_path: Path, scheme: str
    ) -> None:
        given(f"{scheme}://bob:p%40ss@db.example.com:5433/tracker?sslmode=require")

        config = env.database(NAME, tmp_path)

        assert config["ENGINE"] == "django.db.backends.postgresql"
        assert (config["HOST"], config["PORT"]) == ("db.example.com", 5433)
        assert (config["USER"], config["PASSWORD"]) == ("bob", "p@ss")
        assert config["OPTIONS"]["sslmode"] == "require"
        assert "lock_timeout" in config["OPTIONS"]["options"]

    @pytest.mark.parametrize("scheme", ["mysql", "oracle", "mssql", "redis"])
    def test_of_another_make_is_refused(
        self, given: Any, tmp_path: Path, scheme: str
    ) -> None:
        given(f"{scheme}://bob:hunter2@db.example.com/tracker")

        with pytest.raises(ImproperlyConfigured, match="must begin with") as no:
            env.database(NAME, tmp_path)

        assert NAME in str(no.value)
        assert "hunter2" not in str(no.value)


class TestSecretKey:
    def test_is_the_one_that_is_given(self, given: Any, tmp_path: Path) -> None:
        given("given")

        assert env.secret_key(NAME, tmp_path) == "given"
        assert list(tmp_path.iterdir()) == []

    def test_comes_from_a_file(self, given: Any, tmp_path: Path) -> None:
        (tmp_path / "key").write_text("from the file\n")
        given(tmp_path / "key", suffix="_FILE")

        assert env.secret_key(NAME, tmp_path / "data") == "from the file"

    def test_is_made_once_and_kept_for_its_owner_alone(
        self, given: Any, tmp_path: Path
    ) -> None:
        first = env.secret_key(NAME, tmp_path / "data")

        second = env.secret_key(NAME, tmp_path / "data")

        files = list((tmp_path / "data").iterdir())
        assert first == second
        assert len(first) >= 50
        assert [file.name for file in files] == ["secret-key"]
        assert stat.S_IMODE(files[0].stat().st_mode) == 0o600

    def test_is_for_its_owner_alone_whatever_the_umask(
        self, given: Any, tmp_path: Path
    ) -> None:
        before = os.umask(0)
        try:
            env.secret_key(NAME, tmp_path)
        finally:
            os.umask(before)

        mode = (tmp_path / "secret-key").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600

    def test_differs_from_one_installation_to_the_next(
        self, given: Any, tmp_path: Path
    ) -> None:
        keys = {env.secret_key(NAME, tmp_path / str(n)) for n in range(5)}

        assert len(keys) == 5

    @pytest.mark.slow
    def test_is_one_for_processes_that_start_together(
        self, given: Any, tmp_path: Path
    ) -> None:
        script = (
            "from pathlib import Path; from tracker import env; "
            f"print(env.secret_key({NAME!r}, Path({str(tmp_path / 'data')!r})))"
        )

        def key(_: int) -> str:
            return subprocess.run(
                [sys.executable, "-c", script],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            ).stdout

        with ThreadPoolExecutor(6) as pool:
            keys = set(pool.map(key, range(6)))

        assert len(keys) == 1
        assert [file.name for file in (tmp_path / "data").iterdir()] == ["secret-key"]


def test_a_folder_that_cannot_be_made_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert env.folder(tmp_path / "file" / "static") == tmp_path / "file" / "static"


def managed(
    *arguments: str, tmp_path: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run manage.py with these variables and no others of the tracker's."""
    kept: Mapping[str, str] = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LANG")
        if name in os.environ
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**kept, "TRACKER_DATA_DIR": str(tmp_path / "data"), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def settings_of(tmp_path: Path, *names: str, **variables: str) -> list[str]:
    """Return settings as a process with these variables has them."""
    script = "from tracker import settings as s\n" + "\n".join(
        f"print(s.{name})" for name in names
    )
    found = managed("-c", script, tmp_path=tmp_path, **variables)
    assert found.returncode == 0, found.stderr
    return found.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        pytest.param({}, "False", id="nothing set"),
        pytest.param({"ALLOWED_HOSTS": "localhost"}, "False", id="loopback"),
        pytest.param(
            {"ALLOWED_HOSTS": "localhost,tracker.example.com"}, "True", id="a name"
        ),
        pytest.param({"ALLOWED_HOSTS": "*"}, "True", id="any host"),
        pytest.param({"ALLOWED_HOSTS": "10.0.0.5"}, "True", id="another address"),
        pytest.param(
            {"ALLOWED_HOSTS": "tracker.example.com", "HTTPS_ONLY": "no"},
            "False",
            id="told not to",
        ),
    ],
)
def test_what_answers_to_a_name_of_its_own_is_served_over_https(
    tmp_path: Path, variables: dict[str, str], expected: str
) -> None:
    names = ("HTTPS_ONLY", "SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "DEBUG")

    found = settings_of(tmp_path, *names, **variables)

    assert found == [expected, expected, expected, "False"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "database",
    ["", "postgres://tracker:secret@db.example.com/tracker"],
    ids=["SQLite", "PostgreSQL"],
)
def test_djangos_deployment_check_is_clean_in_production(
    tmp_path: Path, database: str
) -> None:
    command = "-Werror manage.py check --deploy --fail-level=WARNING"

    found = managed(
        *command.split(),
        tmp_path=tmp_path,
        ALLOWED_HOSTS="tracker.example.com",
        **({"DATABASE_URL": database} if database else {}),
    )

    assert (found.returncode, found.stderr) == (0, "")
    assert "no issues" in found.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "eighty"),
        ("HTTPS_ONLY", "maybe"),
        ("TRUST_X_FORWARDED_PROTO", "perhaps"),
        ("TRACKER_TIME_ZONE", "Mars/Olympus"),
        ("API_TOKEN_DAYS", "367"),
        ("DATABASE_URL", "mysql://u@h/d"),
        ("SECRET_KEY_FILE", "/nowhere/key"),
    ],
)
def test_a_mistake_in_a_variable_stops_the_process_and_is_named(
    tmp_path: Path, variable: str, value: str
) -> None:
    found = managed("manage.py", "check", tmp_path=tmp_path, **{variable: value})

    assert found.returncode != 0
    assert f"{variable} " in found.stderr.splitlines()[-1]
