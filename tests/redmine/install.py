"""
Installs Debian's package `redmine`, where that can be: `python -m tests.redmine.install`.

Nothing is done where it is installed. No instance is set up and no service started: the
tests have an instance of their own, in a directory of their own.
"""

import os
import shutil
import subprocess
import sys

PACKAGES = ("redmine", "redmine-sqlite", "puma")

_SELECTIONS = """\
redmine redmine/instances/default/dbconfig-install boolean false
redmine redmine/instances/default/database-type select sqlite3
"""


def main() -> None:
    """Install what is missing, or leave with what stands in the way."""
    if all(map(is_installed, PACKAGES)):
        return
    wanted = " ".join(PACKAGES)
    if not shutil.which("apt-get"):
        sys.exit(f"This is no Debian: there is no apt-get to install {wanted} with.")
    if os.geteuid() != 0:
        sys.exit(f"Only root may install packages. As root: apt-get install {wanted}")
    _run("apt-get", "update", "-q")
    for package in PACKAGES:
        if not candidate(package):
            sys.exit(f"No source of packages of this machine has {package}.")
    _run("debconf-set-selections", told=_SELECTIONS)
    _run("apt-get", "install", "-q", "-y", "--no-install-recommends", *PACKAGES)


def is_installed(package: str) -> bool:
    """Return whether a package is installed and set up."""
    if not shutil.which("dpkg-query"):
        return False
    found = _said("dpkg-query", "--show", "--showformat=${Status}", package)
    return found == "install ok installed"


def candidate(package: str) -> str:
    """Return the version of a package that there is or would be, empty for none."""
    for line in _said("apt-cache", "policy", package).splitlines():
        name, _, version = line.strip().partition(": ")
        if name == "Candidate" and version != "(none)":
            return version
    return ""


def bundler_environment() -> dict[str, str]:
    """
    Return the environment in which Ruby takes Debian's own bundler.

    A security update of Ruby has brought a newer one, which takes those gems for missing
    that Debian keeps without a directory of their own.
    """
    version = candidate("ruby-bundler").partition(":")[2] or candidate("ruby-bundler")
    return {"BUNDLER_VERSION": version.partition("-")[0]} if version else {}


def _run(*command: str, told: str = "") -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    done = subprocess.run(
        command,
        env=environment | bundler_environment(),
        input=told,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed with status {done.returncode}.")


def _said(*command: str) -> str:
    done = subprocess.run(
        command,
        env=os.environ | {"LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


if __name__ == "__main__":
    main()
