"""`make check` and `make check-all`: what they run, and what becomes of it."""

import time

from check import Gate, gates, nightly_gates, passes
from mutants import MUTANTS
from mutations import ONE_IN, sample


def commands(of: list[Gate]) -> list[list[str]]:
    return [[str(word) for word in gate.command] for gate in of]


def test_each_test_runs_in_one_of_the_two() -> None:
    """The one of `make check` or of `make check-all`, by the command that people use."""
    make = ["make", "--no-print-directory", "test"]
    assert [*make, "ARGS=-m 'not nightly' -p no:schemathesis"] in commands(gates())
    assert [*make, "ARGS=-m nightly"] in commands(nightly_gates())


def test_every_other_postgresql_is_tested() -> None:
    words = {word for command in commands(nightly_gates()) for word in command}
    assert words >= {"PG=15", "PG=16", "PG=17"}


def test_every_mutant_has_its_turn() -> None:
    turns = [mutant.name for number in range(7, 7 + ONE_IN) for mutant in sample(number)]
    assert sorted(turns) == sorted(mutant.name for mutant in MUTANTS)


def test_gate_passes_or_fails() -> None:
    assert passes(Gate("good", ["true"], "")) is True
    assert passes(Gate("bad", ["false"], "")) is False


def test_gate_whose_time_is_up_is_ended() -> None:
    started = time.monotonic()
    assert passes(Gate("long", ["sleep", "60"], ""), started + 0.1) is None
    assert time.monotonic() - started < 30
