"""Clients that the usual generators make of the OpenAPI document are typed, and work."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from sandbox.processes import clean_environment
from tests.api.live_api import SERVICE_KEY, LiveApi

CALLS = Path(__file__).with_name("generators")
DOCUMENT = "openapi.json"


def done(folder: Path, *command: str, env: Mapping[str, str] | None = None) -> None:
    """Run a command that must succeed."""
    ran = subprocess.run(
        command,
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=180,
    )
    assert ran.returncode == 0, ran.stdout


def callers(api: LiveApi) -> list[str]:
    """Return the arguments of both programs: a person with 10 credits, and a service."""
    user = api.user(10)
    token = user.headers["Authorization"].removeprefix("Bearer ")
    return [api.url, token, SERVICE_KEY, user.id]


@pytest.fixture
def folder(api: LiveApi, tmp_path: Path) -> Path:
    """A folder with the document as the service tells it."""
    (tmp_path / DOCUMENT).write_bytes(api.client.get(f"/{DOCUMENT}").content)
    return tmp_path


@pytest.mark.nightly
def test_openapi_typescript_makes_types_of_it(api: LiveApi, folder: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("Node and npm are not installed")
    for name in ("package.json", "calls.ts"):
        shutil.copy(CALLS / name, folder)
    install = ("npm", "install", "--silent", "--no-audit", "--no-fund", "--fetch-retries=0")
    if subprocess.run(install, cwd=folder, check=False, timeout=180).returncode != 0:
        pytest.skip("the packages cannot be had from npm's registry")
    done(folder, "npx", "openapi-typescript", DOCUMENT, "--output", "api.d.ts")
    strict = ("--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess")
    done(
        folder,
        *("npx", "tsc", *strict, "--target", "es2022", "--module", "nodenext"),
        *("--lib", "es2022,dom", "calls.ts"),
    )
    done(folder, "node", "calls.js", *callers(api))


def test_openapi_python_client_makes_a_client_of_it(api: LiveApi, folder: Path) -> None:
    done(
        folder,
        *(sys.executable, "-m", "openapi_python_client", "generate", "--path", DOCUMENT),
        *("--meta", "none", "--output-path", "mana"),
    )
    environment = {**clean_environment(), "PYTHONPATH": str(folder)}
    done(folder, sys.executable, str(CALLS / "calls.py"), *callers(api), env=environment)
