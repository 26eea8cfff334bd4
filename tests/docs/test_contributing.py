"""CONTRIBUTING.md leads to what is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FUNCTIONS = ROOT / "db" / "functions"

# In backticks, with a slash and no placeholder: a path.
PATHS = re.findall(r"`((?:db|src|tests|docs|tools)/[\w./-]+)`", TEXT)
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
    assert (ROOT / path).exists()


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
