"""
Pictures of every page, at the width of a desk and of a telephone: `make screenshots`.

The product is the real one, run as `make run` runs it, on a register of its own with the
demonstration in it and what a few weeks of work would add. The pictures go to
docs/screenshots/, from where the README shows them.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.browser.conftest import ARGUMENTS, chromium

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / "docs" / "screenshots"
SIZES: dict[str, ViewportSize] = {
    "desk": {"width": 1280, "height": 900},
    "phone": {"width": 390, "height": 844},
}
PAGES = {
    "home": "/",
    "queue": "/queue/?whose=all",
    "focus": "/queue/{slug}/?whose=all",
    "solution": "/solutions/{slug}/",
    "register": "/solutions/",
    "plan": "/plan/",
    "waivers": "/waivers/",
    "people": "/people/",
    "import": "/import/",
    "evaluation": "/admin/reviews/evaluation/add/?solution={id}",
    "registering": "/admin/reviews/solution/add/",
}
USERNAME, PASSWORD = "mira", "a password for pictures only"


def main() -> None:
    """Take every picture anew."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": "",
            "TRACKER_DATA_DIR": folder,
            "EVIDENCE": "false",
        }
        for arguments in (
            ["migrate", "--verbosity", "0"],
            ["load_demonstration"],
            ["scan"],
            ["shell", "--verbosity", "0", "--command", _WORK],
        ):
            _manage(arguments, environment)
        told = _manage(["shell", "--verbosity", "0", "--command", _SHOWN], environment)
        slug, number = told.split()
        PICTURES.mkdir(exist_ok=True)
        with _product(environment) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium(), headless=True, args=ARGUMENTS
            )
            for size in SIZES:
                _take(browser, address, size, slug, number)
            browser.close()


# What has happened since the demonstration's register was filled. The shell imports
# every model by itself.
_WORK = f"""
from tests.browser.pictured import work
work("{USERNAME}", "{PASSWORD}")
"""
_SHOWN = """
from tests.browser.pictured import SHOWN
solution = Solution.objects.get(name=SHOWN)
print(solution.slug, solution.pk)
"""


def _manage(arguments: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


@contextmanager
def _product(environment: dict[str, str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run"],
        cwd=ROOT,
        env={**environment, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.2)
            else:
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _take(browser: Browser, address: str, size: str, slug: str, number: str) -> None:
    context = browser.new_context(
        base_url=address, viewport=SIZES[size], color_scheme="light"
    )
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(USERNAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    for name, path in PAGES.items():
        answer = page.goto(path.format(slug=slug, id=number))
        if answer is None or answer.status != 200:
            raise SystemExit(f"{path} answered {answer and answer.status}.")
        page.screenshot(path=PICTURES / f"{name}-{size}.png")
    context.close()


if __name__ == "__main__":
    main()
