"""CONTRIBUTING.md leads to what is there."""

import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FUNCTIONS = ROOT / "db" / "functions"

# In backticks, with a slash: a path, in which a placeholder stands for some name.
PATHS = re.findall(
    r"`((?:bench|clients|db|deploy|docs|examples|src|tests|tools)/[\w./<>-]+)`", TEXT
)
ROOMS_OF_FUNCTIONS = [
    folder for schema in ("credits", "gifts") for folder in sorted((FUNCTIONS / schema).iterdir())
]
ROOMS_OF_THE_LAYER = [
    folder
    for folder in sorted((ROOT / "src" / "api").iterdir())
    if (folder / "__init__.py").exists()
]


@pytest.mark.parametrize("path", PATHS)
def test_what_it_names_is_there(path: str) -> None:
    assert list(ROOT.glob(re.sub(r"<\w+>", "*", path)))


@pytest.mark.parametrize("room", ROOMS_OF_FUNCTIONS, ids=lambda room: room.name)
def test_every_room_of_functions_is_named_and_says_what_calls_what(room: Path) -> None:
    assert f"`{room.name}`" in TEXT
    assert len((room / "README.md").read_text(encoding="utf-8").splitlines()) <= 10


@pytest.mark.parametrize("room", ROOMS_OF_THE_LAYER, ids=lambda room: room.name)
def test_every_room_of_the_http_layer_is_named(room: Path) -> None:
    assert f"`{room.name}/`" in TEXT


def test_no_room_of_the_http_layer_imports_one_above_it() -> None:
    lines = [re.findall(r"`(\w+)/`", line) for line in TEXT.splitlines() if line.startswith("- `")]
    level = {room: number for number, rooms in enumerate(lines) for room in rooms}
    for room in ROOMS_OF_THE_LAYER:
        for source in room.rglob("*.py"):
            imported = re.findall(r"^from api\.(\w+)", source.read_text("utf-8"), re.MULTILINE)
            above = {one for one in imported if level.get(one, level[room.name]) < level[room.name]}
            assert not above, source


def units_of(names: list[str]) -> set[str]:
    """Return the rooms and modules of the layer, or the worker, that these names are in."""
    return {name.split(".")[0 if name.startswith("worker") else 1] for name in names}


def arrows() -> Iterator[tuple[str, set[str]]]:
    for source in (ROOT / "src").glob("**/*.py"):
        package, unit = source.relative_to(ROOT / "src").parts[:2]
        if package in ("api", "worker"):
            imported = re.findall(
                r"^from ((?:api|worker)\.[\w.]+)", source.read_text("utf-8"), re.MULTILINE
            )
            unit = "worker" if package == "worker" else unit.removesuffix(".py")
            yield unit, units_of(imported) - {unit}


def test_nothing_imports_what_imports_it() -> None:
    graph: dict[str, set[str]] = {}
    for unit, imported in arrows():
        graph.setdefault(unit, set()).update(imported)
    list(TopologicalSorter(graph).static_order())
    # The layer is whole without the worker, but for the process that puts the two together.
    assert [unit for unit, imported in graph.items() if "worker" in imported] == ["app"]
    assert not graph["worker"] & {"routes", "pages", "server", "services"}
