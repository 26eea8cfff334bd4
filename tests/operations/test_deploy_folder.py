"""Files of deploy/, as far as they can be run without Docker."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from api.database.preflight import check_database
from api.settings import ServiceKey, Settings, read_settings
from sandbox.cluster import binaries
from tests.databases import Database

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "deploy" / "docker"
UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))


def run(*command: str | Path, **environment: str) -> str:
    """Run a command and return what it prints."""
    done = subprocess.run(
        [str(word) for word in command],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_secrets(folder: Path) -> dict[str, str]:
    run("sh", DOCKER / "make-secrets.sh", folder)
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_secrets_in_files_become_variables(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3 $HOME `id` 'cret'\n", encoding="utf-8")
    told = run(
        "sh",
        DOCKER / "entrypoint.sh",
        "sh",
        "-c",
        'printf %s "$MANA_SERVICE_KEY,$METRICS_TOKEN,${DATABASE_URL-none}"',
        MANA_SERVICE_KEY_FILE=str(secret),
        METRICS_TOKEN="as it was",
    )
    assert told == "s3 $HOME `id` 'cret',as it was,none"


def test_a_secret_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL_FILE": str(tmp_path / "missing")}
    command = ["sh", str(DOCKER / "entrypoint.sh"), "true"]
    assert subprocess.run(command, env=environment, check=False, capture_output=True).returncode


def test_every_secret_file_is_one_that_the_entrypoint_reads() -> None:
    readable = set(re.findall(r"\b[A-Z_]+(?=[ ;\\])", (DOCKER / "entrypoint.sh").read_text()))
    for service in ("migrate", "api", "reconcile"):
        for name, file in COMPOSE["services"][service]["environment"].items():
            if name.endswith("_FILE"):
                assert name.removesuffix("_FILE") in readable
                assert Path(file).name in COMPOSE["services"][service]["secrets"]


def test_secrets_are_made_once_and_differ(tmp_path: Path) -> None:
    first, again = make_secrets(tmp_path / "a"), make_secrets(tmp_path / "a")
    other = make_secrets(tmp_path / "b")
    assert first == again
    assert first.keys() == COMPOSE["secrets"].keys()
    random = {name for name, text in first.items() if text}
    assert random == first.keys() - {"stripe_secret_key", "stripe_webhook_secret"}
    assert not [name for name in random if first[name] == other[name]]
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0


def test_the_api_starts_with_what_compose_gives_it(tmp_path: Path) -> None:
    secrets = make_secrets(tmp_path)
    environment = {"MANA_AUTH_URL": "https://auth.example", "BASE_URL": "https://credits.example"}
    for name, value in COMPOSE["services"]["api"]["environment"].items():
        if name.endswith("_FILE"):
            environment[name.removesuffix("_FILE")] = secrets[Path(value).name]
    settings = read_settings(environment)
    assert settings.metrics_token == secrets["metrics_token"]
    assert settings.service_keys == (ServiceKey("first", secrets["service_key"][6:]),)


def test_the_login_of_the_api_may_do_what_it_needs_and_no_more(database: Database) -> None:
    url = database.server.dsn(database.name, "mana_api", "p'w d")
    login = Settings(url, "https://auth.example", (ServiceKey("a", "b"),))
    try:
        for password in ("another", "p'w d"):
            run(
                binaries() / "psql",
                *("-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database.dsn()),
                *("-v", f"password={password}", "-f", str(DOCKER / "logins.sql")),
            )
        check_database(login)
        with psycopg.connect(url) as connection:
            assert connection.execute("show statement_timeout").fetchone() == ("10s",)
            assert connection.execute("show lock_timeout").fetchone() == ("5s",)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("select from credits.balances")
    finally:
        database.connect().execute("drop role if exists mana_api")


def test_the_image_copies_what_there_is() -> None:
    dockerfile = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [
        source
        for arguments in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE)
        for source in arguments.split()[:-1]
        if not source.startswith("--")
    ]
    assert len(copied) == 7
    for source in copied:
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_units_are_well_formed(tmp_path: Path) -> None:
    """With programs and a user that exist here, since systemd looks for them."""
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        text = re.sub(r"(?m)^ExecStart=.*$", "ExecStart=/bin/true", text)
        text = re.sub(r"(?m)^User=.*$", "User=daemon", text)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    names = [unit.name.replace("@.", "@3061.") for unit in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", *(tmp_path / name for name in names)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (
        done.returncode,
        [line for line in done.stderr.splitlines() if str(tmp_path) in line],
    ) == (0, [])
