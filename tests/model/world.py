"""A database and the model of it, side by side: every call is made to both."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any, Protocol

from tests.databases import Connection, Database, assert_books_balance
from tests.model.accounts import Answer
from tests.model.agreement import agree, serial_orders
from tests.model.model import PACKAGE_CREDITS, PRICE_CENTS, Call, Model
from tests.model.sql import EMPTY, START, Ids, Service, expected_figures, figures
from tests.model.strategies import GUILDS, USERS
from tests.sql.books import add_package

CONNECTIONS = 3


class Caller(Protocol):
    """The caller."""

    def apply(self, made: Call, /) -> Answer | str:
        """Make a call; return its answer, or the SQLSTATE of its refusal."""
        ...


class World:
    """Calls go to the database and to the model, and both have to say the same."""

    def __init__(self, database: Database, others: Callable[[Ids], Caller] | None = None) -> None:
        """Put a model beside a database that has CLOCK and is EMPTIABLE.

        Args:
            database: The database.
            others: Makes callers that do not call the SQL functions themselves.
        """
        self.superuser: Connection = database.connect()
        package = add_package(self.superuser, credits=PACKAGE_CREDITS, price_euro_cents=PRICE_CENTS)
        self.package_id = package["id"]
        self._connections = [database.connect("api") for _ in range(CONNECTIONS)]
        self._others = others
        self.begin()

    def begin(self) -> None:
        """Begin anew: empty ledgers, at the first moment."""
        self.superuser.execute(EMPTY)
        self.superuser.execute("update test.clock set stands_at = %s", (START,))
        self.model = Model(datetime.fromisoformat(START))
        self.ids: Ids = {}
        self._clock = Service(self.superuser, self.ids, self.package_id)
        self._services = self._serve()
        self._buyers: dict[str, str] = {}
        self._number = 0

    def _serve(self) -> Sequence[Caller]:
        if self._others is not None:
            return [self._others(self.ids) for _ in range(CONNECTIONS)]
        return [Service(one, self.ids, self.package_id) for one in self._connections]

    def call(self, operation: str, /, **arguments: Any) -> Call:
        """Return a call that has not been made yet."""
        self._number += 1
        return Call(self._number, operation, arguments)

    def after(self, seconds: int) -> datetime:
        """Return a moment to come."""
        return self.model.now + timedelta(seconds=seconds)

    def buyer(self, purchase: str) -> str:
        """Return who began a purchase, whoever they are now: Stripe goes on to name them so."""
        return self._buyers[purchase]

    def make(self, call: Call) -> Any:
        """Make a call and return its answer, which has to be the model's."""
        by_superuser = call.operation in ("move_clock", "sweep", "cap")
        service = self._clock if by_superuser else self._services[call.number % CONNECTIONS]
        answered = service.apply(call)
        expected = self.model.apply(call)
        assert agree(expected, answered, self.ids), (call, expected, answered)
        if call.operation == "begin" and not isinstance(expected, str):
            self._buyers[expected["id"]] = call.arguments["user_id"]
        return expected

    def make_at_once(self, calls: Sequence[Call]) -> None:
        """Make calls at the same moment; what they answer must be what some order of them does."""
        barrier = Barrier(len(calls))

        def one(service: Caller, call: Call) -> Any:
            barrier.wait(timeout=30)
            return service.apply(call)

        with ThreadPoolExecutor(len(calls)) as executor:
            answers = list(executor.map(one, self._services, calls))
        possible = list(serial_orders(self.model, calls, answers, self.ids))
        assert possible, list(zip(calls, answers, strict=True))
        self.model, names = self._as_it_is(possible)
        self.ids.update(names)

    def _as_it_is(self, possible: Sequence[tuple[Model, Ids]]) -> tuple[Model, Ids]:
        """Choose among what has the same answers: only the figures tell if it was before or after.

        A member who is erased right before the use of a pool has spent something there.
        """
        if len(possible) > 1:
            actual = self._figures()
            for model, names in possible:
                if expected_figures(model, names, USERS, GUILDS) == actual:
                    return model, names
        return possible[0]

    def _figures(self) -> Any:
        return figures(self._connections[0], self.superuser, USERS, GUILDS)

    def check(self) -> None:
        """Compare every figure, and let the books be reconciled."""
        expected = expected_figures(self.model, self.ids, USERS, GUILDS)
        actual = self._figures()
        for kind, value in expected.items():
            assert actual[kind] == value, kind
        assert_books_balance(self.superuser)
