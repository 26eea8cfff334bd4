"""Aids for the tests of the packages in clients/: a message, and commands in their folders."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sandbox.processes import clean_environment
from tests.api.live_api import SERVICE_KEY, LiveApi, ok, unique, wait_until
from tests.api.receivers import Receiver

_SECONDS = 120
_BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def run(
    command: list[str | Path], folder: Path, environment: Mapping[str, str] | None = None
) -> str:
    """Run a command and return what it prints; fail with that if it fails."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=clean_environment({"NO_PROXY": "127.0.0.1", **(environment or {})}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


def addresses(api: LiveApi) -> dict[str, str]:
    """Return the variables that tests and examples of the packages read."""
    operation, free = unique("operation"), unique("operation")
    with api.database.connect() as owner:
        for name, unit_price in ((operation, "0.5"), (free, "0")):
            owner.execute(
                "insert into credits.prices (operation, unit_price) values (%s, %s)",
                (name, unit_price),
            )
    return {
        "OPERATION": operation,
        "FREE_OPERATION": free,
        "API": api.url,
        "MANA_CREDITS_URL": api.url,
        "SERVICE_KEY": SERVICE_KEY,
        "MANA_SERVICE_KEY": SERVICE_KEY,
        "TOKEN": api.issuer.token(unique("user")),
    }


def examples(readme: Path, language: str) -> list[str]:
    """Return the blocks of code in a page."""
    found = _BLOCK.finditer(readme.read_text(encoding="utf-8"))
    return [block["code"] for block in found if block["language"] == language]


@contextmanager
def message(api: LiveApi, folder: Path) -> Iterator[Path]:
    """Write a message that the service has sent to a webhook, and its secret, to a file."""
    consumer, receiver, user = unique("hook"), Receiver(), api.user()
    register = "select credits.register_webhook(%s, %s, '{balance.changed}') as secret"
    with receiver.serve(), api.database.connect() as owner:
        row = owner.execute(register, (consumer, receiver.url)).fetchone()
        assert row is not None
        try:
            body = {"userId": user.id, "amount": 12.500001, "reason": "r", "referenceId": "r"}
            ok(api.service.post("/internal/credits/grant", body))
            theirs = wait_until(
                lambda: [one for one in receiver.deliveries if user.id in one.body.decode()]
            )[0]
        finally:
            owner.execute("select credits.drop_consumer(%s)", (consumer,))
    file = folder / "message.json"
    sent = {"secret": row["secret"], "headers": theirs.headers, "body": theirs.body.decode()}
    file.write_text(json.dumps({**sent, "userId": user.id}), encoding="utf-8")
    yield file


@contextmanager
def consumer(api: LiveApi, kind: str) -> Iterator[str]:
    """Register a consumer of a type of events that reads as the login of a service."""
    name = unique("consumer")
    register = "select credits.register_consumer(%s, %s, 'test_service')"
    with api.database.connect() as owner:
        owner.execute(register, (name, [kind]))
        try:
            yield name
        finally:
            owner.execute("select credits.drop_consumer(%s)", (name,))


def wait_for_events(api: LiveApi, user_id: str) -> None:
    """Wait until what has happened to a user can be read."""
    waiting = "select from credits.outbox where account_id = %s"
    wait_until(lambda: not api.audit(waiting, user_id))
