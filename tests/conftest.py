"""One embedded PostgreSQL for the session, and databases migrated by the real deployer."""

import io
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from psycopg.conninfo import conninfo_to_dict
from pytest_postgresql import factories
from pytest_postgresql.executors import NoopExecutor

from deploy.deployment import deploy
from deploy.progress import Progress
from sandbox.cluster import Cluster
from tests.databases import (
    LOGIN_PASSWORD,
    Database,
    Server,
    assert_books_balance,
    clone,
    temporary_cluster,
)
from tests.predecessor import Generation, Predecessor, predecessor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A deployed database with logins to it takes the place of a server of our own. So
# tools/mutations.py runs tests on databases that it has broken.
TEMPLATE_URL = os.environ.get("TEST_TEMPLATE_URL")

# The same examples each time, in a minute. For other ones, and more of them:
# make test ARGS="tests/model --hypothesis-profile=long --hypothesis-show-statistics"
settings.register_profile(
    "check", derandomize=True, max_examples=18, stateful_step_count=25, deadline=None, database=None
)
settings.register_profile(
    "long", max_examples=2000, stateful_step_count=60, deadline=None, database=None, print_blob=True
)
settings.load_profile("check")


NIGHTLY_MODULE = re.compile(r"^pytestmark = \[?\s*pytest\.mark\.nightly\b", re.MULTILINE)

# Seconds that a test takes for what it asks for, roughly. A single long one must not come last.
COSTS = {
    "unprivileged": 8,
    "packed": 5,
    "clocked": 4,
    "browser": 1,
    "start_api": 1,
    "empty_database": 0.5,
    "shop": 0.3,
    "world": 0.3,
    "database": 0.2,
    "start_module_api": 0.2,
}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave modules out all of whose tests are left out: some take seconds to import."""
    if config.option.markexpr == "not nightly" and collection_path.suffix == ".py":
        return bool(NIGHTLY_MODULE.search(collection_path.read_text("utf-8"))) or None
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that take longest, so that no worker is left alone with one.

    Raises:
        pytest.UsageError: Several tests have one id, of which processes would run only one.
    """
    twins = [name for name, count in Counter(item.nodeid for item in items).items() if count > 1]
    if twins:
        raise pytest.UsageError(f"several tests have one id: {', '.join(twins)}")
    seconds: defaultdict[Path, float] = defaultdict(float)
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        seconds[item.path] += 0.02 + sum(COSTS.get(name, 0) for name in fixtures)
    items.sort(key=lambda item: -seconds[item.path])


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """A headless Chromium; without one the tests are skipped."""
    # Only here: it takes a moment to import, and few tests look at pages.
    from playwright.sync_api import sync_playwright

    from chromium import NoChromium, launch_chromium

    with sync_playwright() as playwright:
        try:
            running = launch_chromium(playwright)
        except NoChromium as missing:
            pytest.skip(str(missing))
        with running:
            yield running


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A running server: Debian's of the version that PG names (PG=15), else the embedded one."""
    with temporary_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    """The address of the session's server, in the form that pytest-postgresql asks for."""
    if TEMPLATE_URL:
        return Server.at(TEMPLATE_URL)
    return Server.of(request.getfixturevalue("cluster"))


def _migrate(*, host: str, port: int, user: str, password: str, dbname: str, **_: object) -> None:
    url = Server(host, port, user, password).dsn(dbname)
    deploy(url, progress=Progress(io.StringIO()))


template = factories.postgresql_noproc(depends_on="server", dbname="mana_credits", load=[_migrate])


@pytest.fixture(scope="session")
def migrated(request: pytest.FixtureRequest) -> str:
    """The name of the migrated template; the logins test_api, test_service, test_auditor exist."""
    if TEMPLATE_URL:
        return str(conninfo_to_dict(TEMPLATE_URL)["dbname"])
    cluster: Cluster = request.getfixturevalue("cluster")
    template: NoopExecutor = request.getfixturevalue("template")
    for name in ("api", "service", "auditor"):
        cluster.create_login(f"test_{name}", LOGIN_PASSWORD, f"credits_{name}")
    return template.template_dbname


@pytest.fixture
def database(request: pytest.FixtureRequest, server: Server, migrated: str) -> Iterator[Database]:
    """A database of its own for one test: for tests that commit, or run at the same time."""
    with clone(server, migrated, f"{migrated}_test") as copy:
        yield copy
        copy.close()
        if "off_books" not in request.keywords:
            assert_books_balance(copy.connect())


@pytest.fixture(scope="session")
def predecessors(server: Server) -> Iterator[Callable[[Generation], Predecessor]]:
    """The databases that the predecessor left, one a generation, made when asked for."""
    with ExitStack() as stack:
        yield cache(lambda generation: stack.enter_context(predecessor(server, generation)))


@pytest.fixture
def portions(predecessors: Callable[[Generation], Predecessor]) -> Predecessor:
    """The older generation: pools, portions, riddles, targets. Nothing is in it."""
    before = predecessors("portions")
    before.empty()
    return before


@pytest.fixture
def flags(predecessors: Callable[[Generation], Predecessor]) -> Predecessor:
    """The newer one: holds, and codes with a flag. Nothing is in it."""
    before = predecessors("flags")
    before.empty()
    return before


@pytest.fixture(scope="module")
def module_database(server: Server, migrated: str) -> Iterator[Database]:
    """A database that the tests of one module share."""
    with clone(server, migrated, f"{migrated}_module") as copy:
        yield copy
        copy.close()
        assert_books_balance(copy.connect())


@pytest.fixture(scope="session")
def shared_database(server: Server, migrated: str) -> Iterator[Database]:
    """A database that nobody commits to."""
    with clone(server, migrated, f"{migrated}_shared") as copy:
        yield copy
