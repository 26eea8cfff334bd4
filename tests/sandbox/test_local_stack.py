"""`make run`: everything that it prints, pasted; and how it ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from sandbox.servers import ServerThread, free_port
from sandbox.state import State

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the lines call curl")

_LAST_LINE = "Ctrl-C stops everything"


@dataclass
class Run:
    """A stack that runs, and what it printed."""

    process: subprocess.Popen[str]
    port: int
    printed: list[str]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def lines_to_paste(self) -> str:
        first = next(n for n, line in enumerate(self.printed) if line.startswith("# "))
        last = next(n for n, line in enumerate(self.printed) if line.startswith("API  "))
        return "".join(self.printed[first:last])

    def export(self, name: str) -> str:
        start = f"export {name}="
        line = next(line for line in self.printed if line.startswith(start))
        return line.removeprefix(start).strip()


def start(folder: Path, port: int, **variables: str) -> Run:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox"],
        env={**os.environ, **variables, "SANDBOX_DIR": str(folder), "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    printed: list[str] = []
    for line in process.stdout:
        printed.append(line)
        if line.startswith(_LAST_LINE):
            # What comes later is read too, or the pipe would fill up.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            break
    return Run(process, port, printed)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "stack"


@pytest.fixture
def run(folder: Path) -> Iterator[Run]:
    running = start(folder, free_port())
    yield running
    if running.process.poll() is None:
        running.stop()


def balance(run: Run, person: str) -> float:
    answer = httpx.get(
        f"http://127.0.0.1:{run.port}/api/v1/credits/balance",
        headers={"Authorization": f"Bearer {run.export(person)}"},
    )
    return float(answer.json()["balance"])


def api_of(run: Run) -> int:
    command = ["/bin/ps", "-A", "-o", "pid=,ppid=,args="]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    processes = [line.split(maxsplit=2) for line in listing.splitlines()]
    [api] = [
        int(pid)
        for pid, parent, arguments in processes
        if int(parent) == run.process.pid and arguments.endswith("-m api")
    ]
    return api


def test_every_printed_line_works_and_a_second_run_goes_on_from_there(
    run: Run, folder: Path
) -> None:
    pasted = subprocess.run(
        ["/bin/sh", "-e"], input=run.lines_to_paste(), capture_output=True, text=True, check=False
    )
    assert pasted.returncode == 0, pasted.stderr
    answers = [json.loads(line) for line in pasted.stdout.splitlines() if line.startswith("{")]
    assert [answer for answer in answers if "statusCode" in answer] == []
    # 100 to begin with, two packages bought, then uses, the guild's pool and a gift.
    assert balance(run, "ALICE") == 100 + 100 + 550 - 0.5 - 20 - 5 - 0.02
    assert balance(run, "BOB") == 5
    assert run.stop() == 0

    again = start(folder, run.port)
    try:
        assert again.export("SERVICE_KEY") == run.export("SERVICE_KEY")
        assert again.export("STRIPE") == run.export("STRIPE")
        assert balance(run, "ALICE") == 724.48
    finally:
        assert again.stop() == 0


def test_ends_when_the_api_dies(run: Run, folder: Path) -> None:
    os.kill(api_of(run), signal.SIGKILL)
    assert run.process.wait(60) == 1
    assert not (folder / "postgres" / "postmaster.pid").exists()


def test_ends_when_postgresql_dies_and_a_second_run_recovers(run: Run, folder: Path) -> None:
    postmaster = (folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]
    os.kill(int(postmaster), signal.SIGKILL)
    assert run.process.wait(60) == 1
    with pytest.raises(httpx.ConnectError):
        balance(run, "ALICE")

    again = start(folder, run.port)
    try:
        assert balance(again, "ALICE") == 100
    finally:
        assert again.stop() == 0


def test_gift_pages_lead_to_the_app_that_the_environment_names(folder: Path) -> None:
    run = start(folder, free_port(), GIFT_REDEEM_URL="https://app.example/redeem?code={code}")
    try:
        gift = httpx.post(
            f"http://127.0.0.1:{run.port}/api/v1/gifts",
            headers={"Authorization": f"Bearer {run.export('ALICE')}"},
            json={"totalCredits": 5},
        ).json()
        assert f"https://app.example/redeem?code={gift['code']}" in httpx.get(gift["url"]).text
    finally:
        assert run.stop() == 0


def test_says_in_one_line_that_the_port_is_taken(folder: Path) -> None:
    async def nothing(_scope: object, _receive: object, _send: object) -> None:
        pass

    with ServerThread(nothing) as other:
        refused = start(folder, other.port)
    assert refused.process.wait(60) == 1
    assert len(refused.printed) == 1
    assert "PORT" in refused.printed[0]


def test_remembers_ports_and_secrets(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    first, second = State(file), State(file)
    port, secret = first.port("stripe"), first.secret("key", "sk_")
    second = State(file)
    assert (second.port("stripe"), second.secret("key", "sk_")) == (port, secret)
    assert secret.startswith("sk_")
    file.write_text("{broken")
    assert State(file).secret("key") != secret
