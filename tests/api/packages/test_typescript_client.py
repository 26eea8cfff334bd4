"""clients/typescript: up to date, and works as a package that somebody installs."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route

import clients
from tests.api import client_packages
from tests.api.live_api import LiveApi

pytestmark = pytest.mark.skipif(not clients.node(), reason="it needs Node.js 20 and npm")

PACKAGE = clients.TYPESCRIPT
COMPILER = PACKAGE / "node_modules" / ".bin" / "tsc"

# The balance of a user, and a webhook about it.
IN_A_BROWSER = """async ({ url, token, message }) => {
    const { CreditsClient, readWebhook } = await import("/dist/index.js");
    const client = new CreditsClient({ baseUrl: url, token, unreachable: "refuse" });
    const { balance } = await client.request("get", "/api/v1/credits/balance");
    const event = await readWebhook(message.body, message.headers, message.secret);
    return [balance, event.data.balance];
}"""


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    clients.install_typescript()


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as `npm pack` makes it."""
    folder = tmp_path_factory.mktemp("packed")
    client_packages.run(["npm", "pack", "--silent", "--pack-destination", folder], PACKAGE)
    return next(folder.glob("*.tgz"))


@contextmanager
def told(api: LiveApi, folder: Path, events: str = "balance.low") -> Iterator[dict[str, str]]:
    """The variables that tests and examples read, with a consumer of a type of events."""
    with (
        client_packages.message(api, folder) as message,
        client_packages.consumer(api, events) as consumer,
    ):
        yield {
            **client_packages.addresses(api),
            "MESSAGE": str(message),
            "CONSUMER": consumer,
            "SERVICE_DATABASE_URL": api.database.dsn("service"),
        }


def test_what_is_generated_is_up_to_date(tmp_path: Path) -> None:
    clients.write_typescript(tmp_path, PACKAGE)
    for name in clients.TYPESCRIPT_FILES:
        assert (tmp_path / name).read_text() == (PACKAGE / name).read_text(), "run `make clients`"


def test_no_host_is_in_the_lock() -> None:
    assert '"resolved"' not in (PACKAGE / "package-lock.json").read_text()


@pytest.mark.usefixtures("packed")
def test_its_own_tests_pass_against_the_service(api: LiveApi, tmp_path: Path) -> None:
    client_packages.run([COMPILER, "-p", "tsconfig.test.json"], PACKAGE)
    files = sorted(PACKAGE.glob("build/*.test.js"))
    with told(api, tmp_path) as environment:
        # They wait for holds to end: together, however few cores there are.
        together = ("node", "--test", "--test-concurrency=6")
        client_packages.run([*together, *files], PACKAGE, environment)


@pytest.mark.nightly
@pytest.mark.usefixtures("packed")
@pytest.mark.parametrize("runtime", ["bun", "deno"])
def test_its_own_tests_pass_elsewhere(api: LiveApi, tmp_path: Path, runtime: str) -> None:
    install = ["npm", "install", "--silent", "--no-audit", "--fetch-retries=0", runtime]
    if subprocess.run(install, cwd=tmp_path, check=False, timeout=180).returncode != 0:
        pytest.skip("it cannot be had from npm's registry")
    program = tmp_path / "node_modules" / ".bin" / runtime
    rights = ["--allow-env", "--allow-net", "--allow-read"] if runtime == "deno" else []
    client_packages.run([COMPILER, "-p", "tsconfig.test.json"], PACKAGE)
    files = [f"./{file.relative_to(PACKAGE)}" for file in PACKAGE.glob("build/*.test.js")]
    with told(api, tmp_path) as environment:
        client_packages.run([program, "test", *rights, *sorted(files)], PACKAGE, environment)


@pytest.mark.usefixtures("packed")
def test_it_works_in_a_browser(api: LiveApi, browser: Browser, tmp_path: Path) -> None:
    def serve(route: Route) -> None:
        route.fulfill(path=PACKAGE / "dist" / route.request.url.rpartition("/")[2])

    with client_packages.message(api, tmp_path) as file:
        message = json.loads(file.read_text())
    given = {"url": api.url, "token": api.issuer.token(message["userId"]), "message": message}
    page = browser.new_page()
    page.route(f"{api.url}/dist/*", serve)
    page.goto(f"{api.url}/health")
    answer = page.evaluate(IN_A_BROWSER, given)
    page.close()
    assert answer == ["12.500001", "12.500001"]


@pytest.mark.nightly
def test_it_installs_in_an_empty_project_and_its_examples_run(
    api: LiveApi, packed: Path, tmp_path: Path
) -> None:
    (tmp_path / "package.json").write_text('{"type": "module"}')
    client_packages.run(["npm", "install", "--silent", "--offline", packed], tmp_path)
    assert sorted(path.name for path in (tmp_path / "node_modules/@mana").iterdir()) == [
        "credits-client"
    ]
    blocks = client_packages.examples(PACKAGE / "README.md", "ts")
    for number, block in enumerate(blocks):
        (tmp_path / f"example{number}.ts").write_text(block)
    # A driver that a project has; the package needs none.
    for name in ("pg", "@types"):
        (tmp_path / "node_modules" / name).symlink_to(PACKAGE / "node_modules" / name)
    options = ("--strict", "--module", "nodenext", "--target", "es2022", "--types", "node")
    client_packages.run([COMPILER, *options, *tmp_path.glob("*.ts")], tmp_path)
    with told(api, tmp_path, "balance.changed") as environment:
        user = api.user(100)
        client_packages.wait_for_events(api, user.id)
        environment |= {"USER_ID": user.id, "MANA_CREDITS_UNREACHABLE": "refuse"}
        printed = [
            client_packages.run(["node", f"example{number}.js"], tmp_path, environment)
            for number in range(len(blocks))
        ]
    answered, streamed, asked, dropped_in, handled, followed = printed
    assert "Rayleigh" in answered
    assert "committed: '0.02'" in streamed
    assert "0 credits after 0 movements" in asked
    assert dropped_in.endswith("true\n")
    assert handled == ""
    assert f"{user.id} has 100\n" in followed
