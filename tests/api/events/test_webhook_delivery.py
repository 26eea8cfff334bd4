"""Webhooks: events reach a URL, signed, in order, and again until they are accepted."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from sandbox.servers import free_port
from tests.api.live_api import LiveApi, StartApi, ok, unique, wait_until
from tests.api.receivers import Delivery, Receiver
from tests.databases import Connection, Database, Server, clone

# The seconds for which those that have failed once are still left alone.
PAUSES = """
    select consumer, extract(epoch from due_at - now()) as pause
    from credits.webhooks where failures > 0
"""


@pytest.fixture
def own_database(server: Server, migrated: str) -> Iterator[Database]:
    """A database for one test: events are for everybody who listens."""
    with clone(server, migrated, f"{migrated}_webhooks") as copy:
        yield copy


@pytest.fixture
def dba(module_database: Database) -> Iterator[Connection]:
    """A superuser's connection; who was registered by it is told nothing after the test."""
    with module_database.connect() as connection:
        yield connection
        connection.execute("select credits.drop_consumer(consumer) from credits.webhooks")


@pytest.fixture(scope="module")
def hooked(start_module_api: StartApi) -> LiveApi:
    """An API with the database."""
    return start_module_api(EVENTS_INTERVAL_SECONDS="0.2")


def register(dba: Connection, url: str, *types: str, consumer: str | None = None) -> str:
    """Register a webhook and return its secret."""
    row = dba.execute(
        "select credits.register_webhook(%s, %s, %s) as secret",
        (consumer or unique("hook"), url, list(types) or ["balance.changed"]),
    ).fetchone()
    assert row is not None
    return str(row["secret"])


@pytest.fixture
def receive() -> Iterator[Callable[[], Receiver]]:
    """Starts somebody else's server."""
    with ExitStack() as stack:

        def start() -> Receiver:
            receiver = Receiver()
            stack.enter_context(receiver.serve())
            return receiver

        yield start


def is_signed(delivery: Delivery, secret: str) -> bool:
    """Verify as the specification says, with nothing but the standard library."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = delivery.headers["webhook-timestamp"]
    content = f"{delivery.id}.{stamp}.".encode() + delivery.body
    digest = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return (
        delivery.headers["webhook-signature"] == f"v1,{digest}"
        and abs(time.time() - int(stamp)) < 60
    )


def failures(dba: Connection) -> list[tuple[int, str | None]]:
    found = dba.execute("select failures, last_failure from credits.webhooks").fetchall()
    return [(row["failures"], row["last_failure"]) for row in found]


def waiting(dba: Connection) -> int:
    """The number of events that some consumer has not accepted."""
    row = dba.execute(
        """
        select (select count(*) from credits.outbox) + (
            select count(*) from credits.events
            where position > (select min(position) from credits.event_consumers)
        ) as n
        """
    ).fetchone()
    assert row is not None
    return int(row["n"])


def test_event_arrives_signed(
    hooked: LiveApi, dba: Connection, receive: Callable[[], Receiver]
) -> None:
    receiver = receive()
    secret = register(dba, f"{receiver.url}/hook?tenant=1")
    user = hooked.user(10)
    [delivery] = wait_until(lambda: receiver.deliveries[:])
    assert is_signed(delivery, secret)
    assert not is_signed(delivery, "whsec_" + base64.b64encode(b"another").decode())
    assert delivery.headers["content-type"] == "application/json"
    event = delivery.event
    assert event.keys() == {"type", "timestamp", "data"}
    assert (event["type"], event["data"]["userId"]) == ("balance.changed", user.id)
    assert (event["data"]["amount"], event["data"]["balance"]) == (10, 10)


def test_events_arrive_in_order_and_once_when_all_is_well(
    hooked: LiveApi, dba: Connection, receive: Callable[[], Receiver]
) -> None:
    receiver = receive()
    user = hooked.user(20)
    register(dba, receiver.url)
    for _ in range(15):
        ok(user.use(1))
    wait_until(lambda: len(receiver.deliveries) >= 15 and waiting(dba) == 0)
    assert receiver.balances()[-15:] == list(range(19, 4, -1))
    assert len(set(receiver.ids())) == len(receiver.deliveries)


def test_refused_event_is_repeated_with_pauses_and_nothing_overtakes_it(
    hooked: LiveApi, dba: Connection, receive: Callable[[], Receiver]
) -> None:
    receiver = receive()
    receiver.answers = [500, 429]
    secret = register(dba, receiver.url)
    user = hooked.user(10)
    ok(user.use(1))
    wait_until(lambda: waiting(dba) == 0 and len(receiver.deliveries) >= 4)
    first, second, third, last = receiver.deliveries
    assert first.id == second.id == third.id != last.id
    assert receiver.balances() == [10, 10, 10, 9]
    assert all(is_signed(delivery, secret) for delivery in receiver.deliveries)
    assert second.at - first.at >= 0.5
    assert third.at - second.at >= 1.0
    wait_until(lambda: failures(dba) == [(0, None)])


def test_why_it_failed_is_kept(
    hooked: LiveApi, dba: Connection, receive: Callable[[], Receiver]
) -> None:
    receiver = receive()
    receiver.answers = [500] * 100
    register(dba, receiver.url)
    hooked.user(10)
    wait_until(lambda: failures(dba)[0][0] >= 2)
    assert failures(dba)[0][1] == "status 500"


def test_receiver_that_was_away_gets_everything(
    hooked: LiveApi, dba: Connection, receive: Callable[[], Receiver]
) -> None:
    consumer = unique("hook")
    register(dba, f"http://127.0.0.1:{free_port()}", consumer=consumer)
    user = hooked.user(10)
    ok(user.use(1))
    wait_until(lambda: failures(dba)[0][0] >= 1)
    receiver = receive()
    # Registered again under another address it keeps its place; its pause is over, too.
    register(dba, receiver.url, consumer=consumer)
    wait_until(lambda: receiver.balances() == [10, 9])


def test_address_that_is_gone_is_left_alone_until_it_is_registered_again(
    hooked: LiveApi, dba: Connection, receive: Callable[[], Receiver]
) -> None:
    gone, other = receive(), receive()
    gone.answers = [410]
    register(dba, gone.url, consumer="gone")
    register(dba, other.url)
    user = hooked.user(10)
    [stopped] = wait_until(
        lambda: dba.execute(
            "select * from credits.webhooks where stopped_at is not null"
        ).fetchall()
    )
    assert (stopped["consumer"], stopped["last_failure"]) == ("gone", "status 410")
    # Its pause is over, and it is still not asked.
    dba.execute("update credits.webhooks set due_at = now()")
    ok(user.use(1))
    wait_until(lambda: other.balances() == [10, 9])
    assert gone.balances() == [10]
    register(dba, gone.url, consumer="gone")
    wait_until(lambda: gone.balances() == [10, 10, 9])
    wait_until(lambda: failures(dba) == [(0, None)] * 2)


def test_name_that_no_host_can_have_is_a_failure(hooked: LiveApi, dba: Connection) -> None:
    register(dba, "http://xn--a/")
    hooked.user(10)
    wait_until(lambda: [number for number, reason in failures(dba) if number and reason])


def test_receiver_is_left_alone_as_long_as_it_asks(
    hooked: LiveApi, dba: Connection, receive: Callable[[], Receiver]
) -> None:
    in_ten_minutes = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    day, short = 86400, (-60, 61)
    # The pause that it asks for, and the seconds that it is left alone: without a wish a few.
    wishes = {
        "120": (100, 120),
        in_ten_minutes: (500, 600),
        "9" * 20: (day - 60, day),
        "Fri, 31 Dec 9999 23:59:59 GMT": (day - 60, day),
        "Fri, 31 Dec 99999999999 23:59:59 GMT": short,
        "Sun, 06 Nov 1994 08:49:37 GMT": short,
        "0": short,
        "-120": short,
        "soon": short,
    }
    for number, wish in enumerate(wishes):
        receiver = receive()
        receiver.retry_after, receiver.answers = wish, [(429, 503)[number % 2]] * 100
        register(dba, receiver.url, consumer=wish)
    hooked.user(10)
    rows = wait_until(
        lambda: found if len(found := dba.execute(PAUSES).fetchall()) == len(wishes) else None
    )
    told = {row["consumer"]: float(row["pause"]) for row in rows}
    for wish, (least, most) in wishes.items():
        assert least <= told[wish] <= most, wish


def test_slow_receiver_does_not_stop_the_others(
    hooked: LiveApi, dba: Connection, receive: Callable[[], Receiver]
) -> None:
    slow, quick = receive(), receive()
    slow.hangs.set()
    register(dba, slow.url)
    register(dba, quick.url)
    user = hooked.user(10)
    wait_until(lambda: slow.deliveries)
    for _ in range(3):
        ok(user.use(1))
    wait_until(lambda: quick.balances() == [10, 9, 8, 7])
    # The slow one is still at the first attempt to send it something.
    assert slow.balances() == [10]
    assert failures(dba) == [(0, None)] * 2
    slow.hangs.clear()
    wait_until(lambda: slow.balances() == [10, 9, 8, 7])


def test_redirect_is_not_followed(
    hooked: LiveApi, dba: Connection, receive: Callable[[], Receiver]
) -> None:
    receiver = receive()
    receiver.answers = [307, 302]
    register(dba, f"{receiver.url}/hook")
    hooked.user(10)
    wait_until(lambda: waiting(dba) == 0 and len(receiver.deliveries) >= 3)
    assert len(set(receiver.ids())) == 1


def test_several_processes_deliver_each_event_once(
    hooked: LiveApi,
    module_database: Database,
    dba: Connection,
    start_api: StartApi,
    receive: Callable[[], Receiver],
) -> None:
    for _ in range(2):
        start_api(database=module_database)
    receivers = [receive() for _ in range(3)]
    user = hooked.user(50)
    for receiver in receivers:
        register(dba, receiver.url)
    for _ in range(30):
        ok(user.use(1))
    wait_until(lambda: waiting(dba) == 0)
    for receiver in receivers:
        assert receiver.balances()[-30:] == list(range(49, 19, -1))
        assert len(set(receiver.ids())) == len(receiver.deliveries)


def test_claim_of_a_process_that_died_runs_out(
    hooked: LiveApi, dba: Connection, receive: Callable[[], Receiver]
) -> None:
    receiver = receive()
    register(dba, receiver.url)
    with dba.transaction():
        # As if somebody had taken it and died, a second before the claim's end.
        dba.execute("update credits.webhooks set claim = gen_random_uuid(), due_at = now() + '1 s'")
        dba.execute("select credits.grant_credits('u1', 5, 'Bonus', 'r1')")
    wait_until(lambda: receiver.balances() == [5])
    wait_until(lambda: waiting(dba) == 0)


def test_process_that_ends_while_it_sends_leaves_the_event_to_the_next(
    own_database: Database, start_api: StartApi, receive: Callable[[], Receiver]
) -> None:
    dba = own_database.connect()
    receiver = receive()
    receiver.hangs.set()
    first = start_api(database=own_database)
    register(dba, receiver.url)
    first.user(10)
    wait_until(lambda: receiver.deliveries)
    assert first.end_unused() is not None
    assert waiting(dba) == 1
    receiver.hangs.clear()
    dba.execute("update credits.webhooks set due_at = now()")
    start_api(database=own_database)
    wait_until(lambda: waiting(dba) == 0)
    assert len(receiver.deliveries) == 2
    assert len(set(receiver.ids())) == 1


def test_dropped_webhook_gets_nothing_more(
    hooked: LiveApi, dba: Connection, receive: Callable[[], Receiver]
) -> None:
    gone, other = receive(), receive()
    register(dba, gone.url, consumer="gone")
    register(dba, other.url)
    dba.execute("select credits.drop_consumer('gone')")
    hooked.user(10)
    wait_until(lambda: other.deliveries)
    assert gone.deliveries == []


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org", "file:///etc/passwd", "https://u:p@example.org", "https://", "", None],
)
def test_other_urls_are_refused(dba: Connection, url: str | None) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        register(dba, url)  # type: ignore[arg-type]
    assert getattr(caught.value, "sqlstate", None) == "UC001"


def test_secret_is_told_once(dba: Connection) -> None:
    assert register(dba, "https://example.org", consumer="hook").startswith("whsec_")
    assert register(dba, "https://example.org/new", consumer="hook") == "None"
