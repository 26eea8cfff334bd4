"""`make run`: everything that it prints, pasted; and how it ends."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from sandbox.servers import ServerThread, free_port
from sandbox.state import State

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(shutil.which("curl") is None, reason="the lines call curl"),
]

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
        first = next(n for n, line in enumerate(self.printed) if line.startswith(": "))
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
            # Later output is read too, or the pipe would fill up.
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


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A stack for all tests that leave it running, in a folder with a long path."""
    folder = tmp_path_factory.mktemp("a-name-that-no-terminal-shows-in-one-line-of-eighty-columns")
    folder.chmod(0o755)
    running = start(folder, free_port())
    yield running
    assert running.stop() == 0


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with browser.new_context(color_scheme=request.param) as context:
        yield context.new_page()


def as_alice(run: Run, method: str, path: str, **body: Any) -> Any:
    answer = httpx.request(
        method,
        f"http://127.0.0.1:{run.port}/api/v1{path}",
        headers={"Authorization": f"Bearer {run.export('ALICE')}"},
        json=body or None,
    )
    assert answer.is_success, answer.text
    return answer.json()


def looked_at(page: Page, file: Path) -> None:
    """Keep a picture of a page, and assert that it breaks no rule of axe."""
    page.screenshot(path=file)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def balance(run: Run, person: str) -> float:
    answer = httpx.get(
        f"http://127.0.0.1:{run.port}/api/v1/credits/balance",
        headers={"Authorization": f"Bearer {run.export(person)}"},
    )
    return float(answer.json()["balance"])


def api_of(run: Run) -> int:
    # Else it cuts its lines where a terminal, or COLUMNS, ends.
    command = ["/bin/ps", "-A", "-ww", "-o", "pid=,ppid=,args="]
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
    # 100 to begin with, two packages bought, then uses, the guild's pool, a gift and the desk.
    assert balance(run, "ALICE") == 100 + 100 + 550 - 0.5 - 20 - 5 - 0.325 - 0.02 + 2
    assert balance(run, "BOB") == 5
    assert run.stop() == 0

    again = start(folder, run.port)
    try:
        assert again.export("SERVICE_KEY") == run.export("SERVICE_KEY")
        assert again.export("STRIPE") == run.export("STRIPE")
        assert balance(run, "ALICE") == 726.155
    finally:
        assert again.stop() == 0


def test_no_pasted_line_is_a_comment(standing: Run) -> None:
    pasted = standing.lines_to_paste().splitlines()
    assert [line for line in pasted if line.startswith("#")] == []
    headings = [line for line in pasted if line.startswith(":")]
    assert len(headings) > 5
    # No more than words: nothing that a shell would expand, close or run.
    assert [line for line in headings if re.search(r"[^A-Za-z0-9 .,:-]", line)] == []


def test_what_runs_is_named_and_is_there(standing: Run) -> None:
    [docs] = [line.split()[1] for line in standing.printed if line.startswith("Reference ")]
    assert docs.endswith(f":{standing.port}/docs")
    for url in (docs, docs.removesuffix("docs")):
        answer = httpx.get(url, headers={"Accept": "text/html"})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")


def test_only_this_machine_is_let_in(standing: Run) -> None:
    places = [line.split()[1] for line in standing.printed if re.match(r"[A-Z]\w+ +\w+://", line)]
    ports = {port for place in places if (port := urlsplit(place).port)}
    ports |= {urlsplit(standing.export("SERVICE_DATABASE_URL")).port or 0}
    assert len(ports) >= 4
    for port in ports:
        # On Linux all of 127/8 is this machine, and only 127.0.0.1 is listened on.
        with pytest.raises(OSError, match=r"refused|assign|timed out"):
            socket.create_connection(("127.0.0.2", port), timeout=1)


def test_welcome_is_a_grant(standing: Run) -> None:
    first = as_alice(standing, "GET", "/credits/transactions")[-1]
    assert (first["type"], first["amount"]) == ("grant", 100)


def test_gift_is_redeemed_on_a_page(standing: Run, page: Page, tmp_path: Path) -> None:
    riddle = {"riddleQuestion": "What has keys, and opens no door?", "riddleAnswer": "A piano"}
    gift = as_alice(standing, "POST", "/gifts", totalCredits=5, message="Enjoy!", **riddle)
    before = balance(standing, "BOB")
    page.goto(gift["url"])
    page.get_by_role("link", name="Redeem 5 credits").click()
    looked_at(page, tmp_path / "redeem.png")
    page.get_by_label("Answer").fill("A door")
    page.get_by_role("button", name="Redeem as bob").click()
    page.get_by_role("heading", name="This did not work").wait_for()
    looked_at(page, tmp_path / "wrong.png")
    page.get_by_label("Answer").fill("A piano")
    page.get_by_role("button", name="Redeem as bob").click()
    page.get_by_role("heading", name="The gift is redeemed").wait_for()
    looked_at(page, tmp_path / "redeemed.png")
    assert balance(standing, "BOB") == before + 5


def test_paying_ends_on_a_page(standing: Run, page: Page, tmp_path: Path) -> None:
    [line] = [line for line in standing.lines_to_paste().splitlines() if "successUrl" in line]
    body = json.loads(line.partition("-d '")[2].partition("'")[0])
    before = balance(standing, "ALICE")
    page.goto(as_alice(standing, "POST", "/credits/purchase", **body)["checkoutUrl"])
    looked_at(page, tmp_path / "checkout.png")
    page.get_by_role("button", name="Pay", exact=True).click()
    page.get_by_role("heading", name="Paid").wait_for()
    looked_at(page, tmp_path / "paid.png")
    assert f"{before + 550:g} credits" in page.inner_text("main")
    page.goto(as_alice(standing, "POST", "/credits/purchase", **body)["checkoutUrl"])
    page.get_by_role("link", name="Back to the shop").click()
    page.get_by_role("heading", name="Not paid").wait_for()


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
