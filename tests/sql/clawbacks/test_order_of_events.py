"""Events about a payment end in the same state in every order, however often each comes.

The code of webhooks, on the functions of the database, asks the stand-in of Stripe as it was at
some moment after the event. It is the earliest moment possible, since later reports must mend an
answer that came too early.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar, cast

import msgspec
import pytest

from api.database.client import Database
from api.payments.gateway import Gateway
from api.payments.objects import Handled, PurchaseReference, metadata_of
from api.payments.webhooks import Event, EventData, EventHandler
from sandbox.stripe import StripeServer
from sandbox.stripe.forms import Form
from sandbox.stripe.params import Params
from tests.databases import Connection, Owner
from tests.sql.books import ledger, purchase_row
from tests.sql.calls import Row, Session, balance, give, rows, use
from tests.sql.lifecycle import Payments, erase

Struct = TypeVar("Struct", bound=msgspec.Struct)
Json = dict[str, Any]


class Functions:
    """The functions of the database, called in the transaction of the test."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def value(self, function: str, column: str, /, **arguments: Any) -> Any:
        [found] = self._rows(function, arguments)
        return found[column]

    async def many(self, function: str, row: type[Struct], /, **arguments: Any) -> list[Struct]:
        found = self._rows(function, arguments)
        return [row(*(each[name] for name in row.__struct_fields__)) for each in found]

    def _rows(self, function: str, arguments: dict[str, Any]) -> list[Row]:
        named = {name.removeprefix("p_"): value for name, value in arguments.items()}
        given = {name: value for name, value in named.items() if value is not None}
        return list(rows(self._session, function, **given))


class Story:
    """The changes of a payment at Stripe, one after the other, and their reports.

    Each step that reports something is an event; `at` is how many steps Stripe has made.
    """

    livemode = False

    def __init__(self, purchase: Row) -> None:
        self._stripe = StripeServer()
        reference = PurchaseReference(purchase["user_id"], purchase["purchase_id"])
        form: Form = {"amount": str(purchase["price_euro_cents"]), "currency": "eur"}
        form |= {"metadata": dict(metadata_of(reference))}
        self.intent = self._stripe.create_intent(Params(form))["id"]
        self._moments: list[dict[str, list[Json]]] = []
        self.events: list[Event | None] = []
        self.at = 0

    def step(self, kind: str, change: Callable[[StripeServer, str], object]) -> None:
        """Let something happen, which Stripe reports by an event of this type."""
        change(self._stripe, self.intent)
        data = self._stripe.events_of(kind)[-1]["data"]["object"]
        self._keep(Event(kind, EventData(data)))

    def erasure(self) -> None:
        """Let the buyer be erased in between."""
        self._keep(None)

    def _keep(self, event: Event | None) -> None:
        self.events.append(event)
        self._moments.append({k: self._stripe.objects(k) for k in ("refund", "dispute")})

    async def listed(self, kind: str, *, payment_intent: str) -> AsyncIterator[Json]:
        assert (kind, payment_intent) == ("refunds", self.intent)
        for refund in self._moments[self.at]["refund"]:
            yield refund

    async def dispute(self, dispute_id: str) -> Json | None:
        listed = self._moments[self.at]["dispute"]
        return next((one for one in listed if one["id"] == dispute_id), None)


class World:
    """A purchase of somebody who has other credits too, and the story of its payment."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        give(db, "u1", 50)
        use(db, "u1", 30)
        self.purchase = Payments.for_a_package(db, db).begin("u1")
        self.story = Story(self.purchase)
        ours = {"user_id": "u1", "purchase_id": self.purchase["purchase_id"]}
        rows(db, "credits.attach_payment", **ours, stripe_payment_intent_id=self.story.intent)
        database, gateway = cast("Database", Functions(db)), cast("Gateway", self.story)
        self._handler = EventHandler(database, gateway)
        self._runner = asyncio.Runner()

    def close(self) -> None:
        self._runner.close()

    def tell(self, index: int) -> Handled | None:
        """Let one event arrive; Stripe has come that far at least."""
        self.story.at = max(self.story.at, index)
        event = self.story.events[index]
        if event is None:
            erase(self.db, "u1")
            return None
        return self._runner.run(self._handler.handle(event))

    async def handle(self, index: int) -> None:
        """Let an event arrive while another one is dealt with."""
        event = self.story.events[index]
        assert event is not None
        await self._handler.handle(event)

    def ends(self, length: int) -> Iterator[tuple[list[int], Any]]:
        """Yield how it ends when so many events arrive, in each order that has all of them."""
        yield from self._ends([], length)

    def _ends(self, told: list[int], length: int) -> Iterator[tuple[list[int], Any]]:
        missing = set(range(len(self.story.events))) - set(told)
        if len(told) == length:
            yield told, self.state()
            return
        at = self.story.at
        room = len(told) + len(missing) < length
        for index in range(len(self.story.events)) if room else missing:
            with self.db.transaction(force_rollback=True):
                self.tell(index)
                yield from self._ends([*told, index], length)
            self.story.at = at

    def state(self) -> Any:
        """Return everything that the events may leave behind, but for the pseudonym."""
        kept = purchase_row(self.db, self.purchase["purchase_id"])
        names = ("status", "refunded_cents", "clawed_back_credits")
        disputes = self.db.execute(
            """
            select stripe_dispute_id, amount_cents, status from credits.purchase_disputes
            where purchase_id = %s order by 1
            """,
            (self.purchase["purchase_id"],),
        ).fetchall()
        account = self.db.execute(
            """
            select balance, total_earned, total_spent, reserved, clawed_back
            from credits.balances where user_id = %s
            """,
            (kept["user_id"],),
        ).fetchall()
        return [kept[name] for name in names], disputes, account


@pytest.fixture
def world(owner: Owner) -> Iterator[World]:
    # Without a change of rights for each call, of which there are thousands.
    with owner.rights() as superuser:
        made = World(superuser)
        yield made
        made.close()


def _fail_refund(stripe: StripeServer, _: str) -> None:
    stripe.fail_refund(stripe.objects("refund")[-1]["id"])


def _close(status: str) -> Callable[[StripeServer, str], object]:
    return lambda stripe, _: stripe.close_dispute(stripe.objects("dispute")[-1]["id"], status)


def _shrink(stripe: StripeServer, _: str) -> None:
    stripe.update_dispute(stripe.objects("dispute")[-1]["id"], amount=200)


PAID = ("payment_intent.succeeded", StripeServer.pay)
REFUNDED = ("charge.refunded", lambda stripe, intent: stripe.refund(intent, 600))
REFUND_FAILED = ("charge.refund.updated", _fail_refund)
DISPUTED = ("charge.dispute.created", lambda stripe, intent: stripe.dispute(intent, 500))
SMALLER = ("charge.dispute.updated", _shrink)
LOST = ("charge.dispute.closed", _close("lost"))
WON = ("charge.dispute.closed", _close("won"))
ERASED = None

STORIES: dict[str, tuple[list[Any], int, list[Any]]] = {
    "a refund fails and a dispute comes": (
        [PAID, REFUNDED, REFUND_FAILED, ERASED, DISPUTED],
        5,
        ["completed", 0, 250],
    ),
    "a dispute shrinks and is lost": (
        [PAID, DISPUTED, ERASED, SMALLER, LOST],
        5,
        ["completed", 0, 100],
    ),
    "a lost dispute is won": (
        [PAID, REFUNDED, DISPUTED, LOST, WON],
        5,
        ["completed", 600, 300],
    ),
    "a dispute is won after an erasure, one event comes twice": (
        [PAID, DISPUTED, ERASED, WON],
        5,
        ["completed", 0, 0],
    ),
    "all is refunded, one event comes twice": (
        [PAID, REFUNDED, ERASED, DISPUTED],
        5,
        ["completed", 600, 500],
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_every_order_ends_alike(world: World, name: str) -> None:
    steps, length, expected = STORIES[name]
    for step in steps:
        world.story.erasure() if step is ERASED else world.story.step(*step)
    ends = list(world.ends(length))
    assert len(ends) == {5: 120, 4: 240}[len(steps)]
    assert ends[0][1][0] == expected
    assert [(order, end) for order, end in ends if end != ends[0][1]] == []


def test_what_was_forfeited_pays_for_what_is_taken_back_later(world: World) -> None:
    world.story.step(*PAID)
    world.story.erasure()
    world.story.step(*REFUNDED)
    for index in range(3):
        world.tell(index)
    pseudonym = purchase_row(world.db, world.purchase["purchase_id"])["user_id"]
    told = [(row["type"], row["amount"], row["reversal"]) for row in ledger(world.db, pseudonym)]
    assert told[-4:] == [
        ("purchase", 500, False),
        ("erasure", -520, False),
        ("clawback", -300, False),
        ("erasure", 300, True),
    ]
    assert balance(world.db, pseudonym) == 0


def test_what_was_asked_before_is_asked_again(world: World) -> None:
    """While one handler asks Stripe, another one notes what came later."""
    world.story.step(*PAID)
    world.story.step(*REFUNDED)
    world.story.step(*REFUND_FAILED)
    world.tell(0)
    now = world.story.listed
    asked = 0

    async def listed(kind: str, *, payment_intent: str) -> AsyncIterator[Json]:
        nonlocal asked
        asked += 1
        first = asked == 1
        old = [refund async for refund in now(kind, payment_intent=payment_intent)]
        if first:
            world.story.at = 2
            await world.handle(2)
        for refund in old:
            yield refund

    world.story.listed = listed  # type: ignore[method-assign]
    world.tell(1)
    assert asked == 3
    assert world.state()[0] == ["completed", 0, 0]
    assert [row["type"] for row in ledger(world.db, "u1")][-1] == "purchase"
