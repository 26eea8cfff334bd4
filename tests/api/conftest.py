"""One API process for most tests, whose people and guilds nobody shares; others for the rest."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from sandbox.issuer import Issuer
from sandbox.servers import ServerThread
from sandbox.stripe import StripeServer
from tests.api.live_api import PREFIX, SERVICE_KEY, LiveApi, StartApi, serve_api
from tests.databases import Database, Server, assert_books_balance, clone


@pytest.fixture(scope="session")
def common_database(server: Server, migrated: str) -> Iterator[Database]:
    """The database of the API that most tests share."""
    with clone(server, migrated, "mana_credits_http") as copy:
        yield copy
        copy.close()


@pytest.fixture(scope="session")
def common_issuer() -> Iterator[Issuer]:
    """The mana-auth of the API that most tests share."""
    issuer = Issuer(SERVICE_KEY)
    with issuer.serve():
        yield issuer


@pytest.fixture(scope="session")
def common_stripe() -> Iterator[StripeServer]:
    """The Stripe of the API that most tests share."""
    stripe = StripeServer()
    # Enough for a database that has to start again first.
    stripe.retry_delays = (0.05,) * 400
    with stripe.serve():
        yield stripe


@pytest.fixture(scope="session")
def common_api(
    common_database: Database,
    common_issuer: Issuer,
    common_stripe: StripeServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LiveApi]:
    """The API that most tests share."""
    log = tmp_path_factory.mktemp("api") / "api.log"
    with serve_api(common_database, common_issuer, common_stripe, log) as api:
        yield api


@pytest.fixture(scope="module")
def api(common_api: LiveApi) -> Iterator[LiveApi]:
    """The API that most tests share; after each module the books must balance."""
    yield common_api
    with common_api.database.connect() as owner:
        assert_books_balance(owner)


@pytest.fixture
def stripe(api: LiveApi) -> Iterator[StripeServer]:
    """The Stripe of the shared API: empty, without faults, and reporting to that API."""
    api.stripe.reset()
    api.stripe.webhook_url = f"{api.url}{PREFIX}/webhooks/stripe"
    yield api.stripe
    api.stripe.reset()


@pytest.fixture
def issuer(api: LiveApi) -> Iterator[Issuer]:
    """The mana-auth of the shared API, without faults."""
    yield api.issuer
    api.issuer.faults.reset()


@pytest.fixture
def own_issuer() -> Iterator[Issuer]:
    """A mana-auth of one's own, being served."""
    issuer = Issuer(SERVICE_KEY)
    with issuer.serve():
        yield issuer


@pytest.fixture
def idle_issuer_server() -> tuple[Issuer, ServerThread]:
    """A mana-auth of one's own, and its server, which does not listen yet."""
    issuer = Issuer(SERVICE_KEY)
    return issuer, issuer.serve()


@contextmanager
def starting(
    default_database: Database,
    default_issuer: Issuer,
    default_stripe: StripeServer,
    folder: Path,
) -> Iterator[StartApi]:
    """Give what starts APIs, which end with the block: see `serve_api`."""
    with ExitStack() as stack:
        started = 0

        def start(
            *,
            database: Database = default_database,
            issuer: Issuer = default_issuer,
            stripe: StripeServer = default_stripe,
            **environment: str,
        ) -> LiveApi:
            nonlocal started
            started += 1
            log = folder / f"api-{started}.log"
            return stack.enter_context(serve_api(database, issuer, stripe, log, **environment))

        yield start


@pytest.fixture
def start_api(
    common_database: Database, common_issuer: Issuer, common_stripe: StripeServer, tmp_path: Path
) -> Iterator[StartApi]:
    """Starts an API of one's own, ended with the test.

    Database, issuer and Stripe are the shared ones unless others are given. Ask for the fixtures of
    those before this one, so that the API ends before they do.
    """
    with starting(common_database, common_issuer, common_stripe, tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def start_other_api(
    common_database: Database,
    common_issuer: Issuer,
    common_stripe: StripeServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[StartApi]:
    """Starts an API that the tests of a module share, on the database of the one all share."""
    folder = tmp_path_factory.mktemp("other")
    with starting(common_database, common_issuer, common_stripe, folder) as start:
        yield start


@pytest.fixture(scope="module")
def start_module_api(
    module_database: Database,
    common_issuer: Issuer,
    common_stripe: StripeServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[StartApi]:
    """Starts an API that the tests of a module share, on a database that they share."""
    folder = tmp_path_factory.mktemp("module")
    with starting(module_database, common_issuer, common_stripe, folder) as start:
        yield start
