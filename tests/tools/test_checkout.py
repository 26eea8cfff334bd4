"""The version of a checkout, and what its commands run."""

import re
import subprocess
import tomllib
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_version_is_the_newest_in_the_changelog_and_what_is_installed() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    newest = next(line for line in lines if line.startswith("## "))
    assert newest.split()[1] == PROJECT["version"] == metadata("mana-credits")["Version"]


def test_the_license_is_named_and_there() -> None:
    assert PROJECT["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License\n")


def test_what_serves_has_nothing_of_the_local_stack() -> None:
    """No PostgreSQL is installed beside it; the local stack is the extra `sandbox`."""
    told = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "--always-make", "serve"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.splitlines()[0] == "sh tools/venv.sh .venv/.serve-ready ''"
    image = (ROOT / "deploy" / "docker" / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"pip install .*", image) == [
        "pip install --constraint constraints.txt --editable ."
    ]
    more = PROJECT["optional-dependencies"]["sandbox"]
    assert more
    assert set(more).isdisjoint(PROJECT["dependencies"])


def test_some_tests_have_as_many_workers_as_all() -> None:
    told = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "test", "ARGS=-k gift"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "-m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder -k gift" in told
