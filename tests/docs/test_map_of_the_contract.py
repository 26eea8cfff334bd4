"""tests/README.md says which tests hold which section of the contract, and leaves none out."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
ROWS = re.findall(
    r"^\| (\d+)\. [^|]+ \| ([^|]+) \|$", (TESTS / "README.md").read_text(), re.MULTILINE
)
NAMED = sorted({path for _, cell in ROWS for path in re.findall(r"`([\w/.]+)`", cell)})


def test_every_section_has_tests() -> None:
    assert sorted({int(section) for section, _ in ROWS}) == list(range(1, 12))
    assert all("`" in cell for _, cell in ROWS)


@pytest.mark.parametrize("path", NAMED)
def test_what_it_names_is_there(path: str) -> None:
    named = TESTS / path
    assert named.suffix == ".py" or list(named.rglob("test_*.py"))
    assert named.exists()


def test_every_module_has_a_place() -> None:
    named = {TESTS / path for path in NAMED}
    modules = TESTS.rglob("test_*.py")
    assert not [str(module) for module in modules if named.isdisjoint({module, *module.parents})]
