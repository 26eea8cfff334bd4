"""Holds past their time, or nearly so, that are committed and extended while others call."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.concurrency import in_background, run_parallel, wait_until_blocked_by
from tests.databases import Connection, Database
from tests.sql.books import ledger, pool_ledger
from tests.sql.calls import Row, call, give, pool, use, use_guild
from tests.sql.concurrency.outcomes import refusals, session, successes
from tests.sql.lifecycle import commit, expire_due, extend, figures, release, reserve
from tests.sql.moments import Clock


class Races:
    """Two callers of one account, a user's or a pool's, that has 100 credits."""

    def __init__(self, database: Database, clock: Clock, guild_id: str | None) -> None:
        self.database = database
        self._clock = clock
        self.guild_id = guild_id
        self.first, self.second = session(database, autocommit=False), session(database)
        give(self.second, "u1", 100)
        pool(self.second, "g1", 100)

    def hold(self) -> Row:
        """Set 40 aside for an hour."""
        return reserve(
            self.second, "u1", 40, guild_id=self.guild_id, expires_in_seconds=3600, reason="Hold"
        )

    def overdue(self) -> Row:
        """Set 40 aside for a time that is over."""
        held = self.hold()
        self.end(held)
        return held

    def end(self, held: Row) -> None:
        """Let its time be over."""
        self._clock.move_to(held["expires_at"])

    def use(self, connection: Connection, amount: int) -> Row:
        """Debit the account."""
        if self.guild_id is None:
            return use(connection, "u1", amount)
        return use_guild(connection, self.guild_id, "u1", amount)

    def while_the_first_is_open(
        self, work: Callable[[], Any], meanwhile: Callable[[], None] = lambda: None
    ) -> Any:
        """Let the second caller wait for the first, who then commits; return what came of it."""
        with in_background(work) as outcome:
            wait_until_blocked_by(
                self.database.connect(),
                self.second.info.backend_pid,
                self.first.info.backend_pid,
            )
            meanwhile()
            self.first.commit()
        failure = outcome.exception()
        return getattr(failure, "sqlstate", failure) if failure else outcome.result()

    def there(self) -> tuple[Any, Any]:
        """The credits that can be spent, and those that are held."""
        if self.guild_id is None:
            answer = figures(self.second, "u1")
        else:
            api = self.database.connect("api")
            answer = call(api, "credits.get_guild_balance", organization_id=self.guild_id)
        return answer["balance"], answer["reserved"]

    def amounts(self) -> list[Any]:
        """The ledger's movements since the credits came."""
        superuser = self.database.connect()
        found = ledger(superuser, "u1") if not self.guild_id else pool_ledger(superuser, "g1")
        return [row["amount"] for row in found[1:]]


@pytest.fixture
def races(request: pytest.FixtureRequest, database: Database, clock: Clock) -> Races:
    """A user's balance, or a pool where the test asks for one."""
    return Races(database, clock, getattr(request, "param", None))


of_either = pytest.mark.parametrize("races", [None, "g1"], ids=["personal", "guild"], indirect=True)


@of_either
def test_late_commit_waits_for_a_debit_that_takes_its_credits(races: Races) -> None:
    held = races.overdue()
    races.use(races.first, 61)
    assert races.while_the_first_is_open(lambda: commit(races.second, held)) == "UC002"
    assert (races.there(), races.amounts()) == ((39, 0), [-61])
    assert commit(races.second, held, amount=39)["balance"] == 0


def test_debit_waits_for_a_late_commit_that_takes_its_credits(races: Races) -> None:
    held = races.overdue()
    commit(races.first, held)
    assert races.while_the_first_is_open(lambda: races.use(races.second, 61)) == "UC002"
    assert (races.there(), races.amounts()) == ((60, 0), [-40])


@of_either
def test_late_commit_waits_for_another_and_has_its_result(races: Races) -> None:
    held = races.overdue()
    first = commit(races.first, held, amount=30)
    again = races.while_the_first_is_open(lambda: commit(races.second, held, amount=30))
    assert again == {**first, "replayed": True}
    assert (races.there(), races.amounts()) == ((70, 0), [-30])


def test_late_commit_of_another_amount_waits_and_is_refused(races: Races) -> None:
    held = races.overdue()
    commit(races.first, held, amount=30)
    assert races.while_the_first_is_open(lambda: commit(races.second, held)) == "UC013"


def test_late_commit_waits_for_a_release_and_is_refused(races: Races) -> None:
    held = races.overdue()
    release(races.first, held)
    assert races.while_the_first_is_open(lambda: commit(races.second, held)) == "UC012"
    assert (races.there(), races.amounts()) == ((100, 0), [])


def test_of_ten_late_commits_one_moves(races: Races) -> None:
    held = races.overdue()
    outcomes = run_parallel(races.database, 10, lambda connection, _: commit(connection, held))
    answers = successes(outcomes)
    assert (len(answers), {answer["late"] for answer in answers}) == (10, {True})
    assert Counter(answer["replayed"] for answer in answers) == {True: 9, False: 1}
    assert (races.there(), races.amounts()) == ((60, 0), [-40])


@of_either
def test_extension_that_waits_until_the_time_is_over_holds_again(races: Races) -> None:
    held = races.hold()
    races.use(races.first, 1)
    extended = races.while_the_first_is_open(
        lambda: extend(races.second, held, 3600), meanwhile=lambda: races.end(held)
    )
    assert extended["expires_at"] > held["expires_at"]
    assert races.there() == (59, 40)


def test_extension_that_waits_until_the_credits_are_gone_is_refused(races: Races) -> None:
    held = races.overdue()
    races.use(races.first, 61)
    assert races.while_the_first_is_open(lambda: extend(races.second, held, 3600)) == "UC002"
    assert races.there() == (39, 0)


def test_time_that_ends_while_it_is_extended_does_not_end_the_hold(
    races: Races, database: Database
) -> None:
    held = races.hold()
    extend(races.first, held, 7200)
    races.end(held)
    api = database.connect("api")
    # It leaves alone what others have locked.
    assert expire_due(api) == 0
    races.first.commit()
    assert expire_due(api) == 0
    assert races.there() == (60, 40)


def test_extension_waits_for_a_commit_and_is_refused(races: Races) -> None:
    held = races.hold()
    commit(races.first, held)
    assert races.while_the_first_is_open(lambda: extend(races.second, held, 60)) == "UC013"


def test_commit_waits_for_an_extension_and_is_in_time(races: Races) -> None:
    held = races.hold()
    extend(races.first, held, 7200)
    committed = races.while_the_first_is_open(
        lambda: commit(races.second, held), meanwhile=lambda: races.end(held)
    )
    assert (committed["late"], races.there()) == (False, (60, 0))


def test_late_commit_waits_for_an_extension_and_is_in_time(races: Races) -> None:
    held = races.overdue()
    extend(races.first, held, 7200)
    committed = races.while_the_first_is_open(lambda: commit(races.second, held, amount=30))
    assert (committed["late"], races.there(), races.amounts()) == (False, (70, 0), [-30])


def test_of_ten_extensions_of_a_hold_past_its_time_one_holds_again(races: Races) -> None:
    held = races.overdue()
    outcomes = run_parallel(races.database, 10, lambda connection, _: extend(connection, held, 60))
    assert (len(successes(outcomes)), refusals(outcomes)) == (10, {})
    assert races.there() == (60, 40)


@of_either
def test_extensions_and_late_commits_at_once_take_the_credits_once(races: Races) -> None:
    held = races.overdue()

    def finish(connection: Connection, i: int) -> Row:
        return extend(connection, held, 60) if i % 2 else commit(connection, held)

    outcomes = run_parallel(races.database, 10, finish)
    assert set(refusals(outcomes)) <= {"UC013"}
    assert (races.there(), races.amounts()) == ((60, 0), [-40])
