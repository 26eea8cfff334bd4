"""Time does the same to an account whether it is written down at once or much later."""

from datetime import datetime
from decimal import Decimal
from typing import Any, LiteralString

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.strategies import cents, hold_seconds, lifetimes
from tests.model.world import World
from tests.sql.calls import call
from tests.sql.lifecycle import remaining

# Events in order: the name of a method of History, and what it takes.
Event = tuple[Any, ...]

# Round amounts, so that holds and debts meet exactly.
sizes = st.sampled_from([Decimal(1), Decimal(5), Decimal(10), Decimal(20)])
holds = st.tuples(st.just("hold"), sizes, hold_seconds)
grants = st.tuples(st.just("grant"), sizes, lifetimes)
waits = st.tuples(st.just("wait"), st.sampled_from([1, 60, 1_800, 86_400]))
others = (
    st.tuples(st.just("give") | st.just("use"), sizes)
    | st.tuples(st.just("commit") | st.just("release"), st.integers(0, 5))
    | st.tuples(st.just("extend"), st.integers(0, 5), hold_seconds)
    | st.tuples(st.just("take_back"), cents)
)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Holds and dated credits of somebody who then owes a purchase, and whatever comes next."""
    return [
        ("buy",),
        *draw(st.lists(grants | holds, min_size=3, max_size=8)),
        ("take_back", draw(cents)),
        *draw(st.lists(grants | holds | waits | others, max_size=10)),
        # Until the last hold has ended.
        ("wait", 31 * 86_400),
    ]


class History:
    """The life of one user; `attended`, the background work runs whenever there is any."""

    def __init__(self, world: World, *, attended: bool) -> None:
        self._world = world
        self._attended = attended
        self._purchase = ""
        self._holds: list[str] = []
        self._grants = 0
        # Somebody new: what others lived through does not touch them.
        self._user = f"user {len(world.model.accounts)}"

    def live(self, events: list[Event]) -> list[Any]:
        """Let it happen; return the answers, what the user saw after each, and the ledger."""
        seen = []
        for name, *arguments in [("give", 5), *events]:
            seen.append((name, getattr(self, name)(*arguments), self._balance()))
        self._make("sweep")
        return [*seen, self._balance(), self._ledger(), self._dated()]

    def _make(self, operation: str, /, **arguments: Any) -> Any:
        world = self._world
        answer = world.make(world.call(operation, **arguments))
        if isinstance(answer, dict):
            self._named = answer.get("id", "")
            return {name: value for name, value in answer.items() if name != "id"}
        self._named = ""
        return answer

    def give(self, amount: Decimal) -> Any:
        return self._make("give", user_id=self._user, amount=Decimal(amount))

    def use(self, amount: Decimal) -> Any:
        return self._make("use", user_id=self._user, amount=amount)

    def grant(self, amount: Decimal, lifetime: int) -> Any:
        self._grants += 1
        ends = self._world.after(lifetime)
        reference = f"r{self._grants}"
        return self._make(
            "grant", user_id=self._user, amount=amount, reference=reference, expires_at=ends
        )

    def hold(self, amount: Decimal, seconds: int) -> Any:
        answer = self._make("reserve", user_id=self._user, amount=amount, seconds=seconds)
        self._holds += [self._named] if self._named else []
        # Each history has its own moments.
        return answer if isinstance(answer, str) else answer["balance"]

    def commit(self, place: int) -> Any:
        return self._end("commit", place)

    def release(self, place: int) -> Any:
        return self._end("release", place)

    def extend(self, place: int, seconds: int) -> Any:
        answer = self._end("extend", place, seconds=seconds)
        # Each history has its own moments.
        return answer if isinstance(answer, str) else None

    def _end(self, operation: str, place: int, /, **more: Any) -> Any:
        if place >= len(self._holds):
            return None
        return self._make(operation, hold=self._holds[place], **more)

    def buy(self) -> Any:
        self._make("begin", user_id=self._user)
        self._purchase = self._named
        return self._make("complete", purchase=self._purchase, user_id=self._user)

    def take_back(self, cents: int) -> Any:
        if not self._purchase:
            return None
        return self._make(
            "refund_payment", purchase=self._purchase, user_id=self._user, cents=cents
        )

    def wait(self, seconds: int) -> None:
        end = self._world.after(seconds)
        if self._attended:
            for moment in self._due_until(end):
                self._move_to(moment)
                self._make("sweep")
        self._move_to(end)

    def _due_until(self, end: datetime) -> list[datetime]:
        model = self._world.model
        account = model.accounts[self._user]
        due = {hold.expires_at for hold in account.holds}
        due |= {dated.expires_at for dated in account.dated}
        return sorted(moment for moment in due if model.now < moment <= end)

    def _move_to(self, moment: datetime) -> None:
        ahead = moment - self._world.model.now
        self._make("move_clock", seconds=int(ahead.total_seconds()))

    def _balance(self) -> Any:
        row = call(self._world.superuser, "credits.get_balance", user_id=self._user)
        names = ("balance", "total_earned", "total_spent", "reserved")
        return [row[name] for name in names], [one["amount"] for one in row["expiring"] or []]

    def _ledger(self) -> Any:
        return self._rows(
            "select type::text, sum(amount) from credits.transactions where user_id = %s "
            "group by type order by type"
        )

    def _dated(self) -> Any:
        return remaining(self._world.superuser, self._user)

    def _rows(self, query: LiteralString) -> Any:
        return self._world.superuser.execute(query, (self._user,)).fetchall()


def assert_the_same_either_way(world: World, events: list[Event]) -> None:
    at_once = History(world, attended=True).live(events)
    assert History(world, attended=False).live(events) == at_once


@pytest.fixture(autouse=True, scope="module")
def _nobody_yet(world: World) -> None:
    world.begin()


@settings(max_examples=max(settings().max_examples, 25))
@given(events=histories())
def test_it_does_not_matter_when_time_is_written_down(world: World, events: list[Event]) -> None:
    assert_the_same_either_way(world, events)


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(
            [
                ("grant", Decimal(10), 3_600),
                ("hold", Decimal(10), 60),
                ("buy",),
                ("hold", Decimal("38.333333"), 900),
                ("take_back", 100),
                ("wait", 86_400),
            ],
            id="credits that expire are back before those that last",
        ),
        pytest.param(
            [
                ("buy",),
                ("hold", Decimal(10), 60),
                ("grant", Decimal(1), 1),
                ("hold", Decimal(1), 1),
                ("take_back", 1_000),
                ("wait", 86_400),
            ],
            id="credits that have expired repay with their hold",
        ),
        pytest.param(
            [
                ("buy",),
                ("grant", Decimal(5), 60),
                ("hold", Decimal(5), 900),
                ("grant", Decimal(10), 86_400),
                ("hold", Decimal(10), 1),
                ("hold", Decimal(10), 604_800),
                ("take_back", 1_000),
                ("wait", 1_800),
            ],
            id="what expires later is back first",
        ),
    ],
)
def test_a_debt_is_repaid_by_what_comes_first(world: World, events: list[Event]) -> None:
    assert_the_same_either_way(world, events)
