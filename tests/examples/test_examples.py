"""examples/: each one does what it is known to do."""

import signal
from collections.abc import Iterator

import pytest

import examples
from examples import Example
from sandbox.stack import Stack

pytestmark = pytest.mark.nightly

THINGS = ["1-balance", "2-answer", "3-guild", "4-gift", "5-buy"]
LANGUAGES = ["curl", "psql", "python", "typescript"]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The local stack; it notes Ctrl-C for itself, which is pytest's again afterwards."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    noted = {number: signal.getsignal(number) for number in signals}
    with examples.local_stack() as running:
        for number, handler in noted.items():
            signal.signal(number, handler)
        yield running


@pytest.mark.parametrize("example", examples.examples(), ids=lambda example: example.name)
def test_prints_what_is_beside_it(stack: Stack, example: Example) -> None:
    if example.missing:
        pytest.skip(f"it needs {example.missing}")
    known = example.golden.read_text(encoding="utf-8")
    assert examples.output(stack, example) == known, "to accept this, run `make examples`"


def test_each_language_does_the_same_things() -> None:
    found = [example.name for example in examples.examples()]
    assert found == [f"{language}/{thing}" for language in LANGUAGES for thing in THINGS]


def test_no_output_is_left_of_an_example_that_is_gone() -> None:
    goldens = {example.golden for example in examples.examples()}
    assert set(examples.FOLDER.rglob("*.out")) == goldens


def test_the_page_has_a_line_for_each() -> None:
    page = (examples.FOLDER / "README.md").read_text(encoding="utf-8")
    for example in examples.examples():
        assert f"({example.path.relative_to(examples.FOLDER)})" in page
