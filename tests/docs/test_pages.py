"""Pages lead somewhere, and name what there is: functions, variables, targets of make, events."""

import re
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from api.payments.webhooks import HANDLERS
from api.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "examples" / "README.md"]
PAGES += sorted((ROOT / "docs").glob("*.md")) + sorted((ROOT / "clients").glob("*/README.md"))
ROOMS = sorted((ROOT / "db" / "functions").glob("*/*/README.md"))
README = PAGES[0].read_text(encoding="utf-8")
TARGETS = dict(
    re.findall(r"^([a-z-]+):[^#\n=]*(.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
)

# Functions, views, tables and types: in backticks, or in a statement that names them.
NAME = re.compile(
    r"(?:`|from |into |update |select )((?:credits|gifts|reconcile)\.[a-z_]+)\b(?!_?…)"
)
THERE = set(
    re.findall(
        r"\b(?:credits|gifts|reconcile)\.\w+", (ROOT / "db" / "definitions.txt").read_text("utf-8")
    )
)

# Variables of commands other than the API.
OF_DEPLOYMENT = {"MIGRATION_DATABASE_URL", "RECONCILE_DATABASE_URL"}


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


each_page = pytest.mark.parametrize("page", PAGES, ids=name_of)
each_of_all = pytest.mark.parametrize("page", [*PAGES, *ROOMS], ids=name_of)


def without_blocks(page: Path) -> str:
    text = page.read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


@cache
def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings have on GitHub."""
    headings = re.findall(r"^#+ (.*)$", without_blocks(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_of_all
def test_lines_of_prose_are_short(page: Path) -> None:
    tables_and_code = ("|", "    ")
    lines = without_blocks(page).splitlines()
    assert not [line for line in lines if len(line) > 120 and not line.startswith(tables_and_code)]


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not link.startswith("https://"):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


@each_of_all
def test_what_it_names_of_the_database_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    helpers = set(re.findall(r"`(_[a-z][a-z_]+)`", text))
    assert set(NAME.findall(text)) <= THERE
    assert helpers <= {name.partition(".")[2] for name in THERE}


@each_page
def test_every_target_of_make_is_there(page: Path) -> None:
    named = re.findall(r"(?:`|^ +|… )make ([a-z][a-z-]*)", page.read_text("utf-8"), re.MULTILINE)
    assert set(named) <= TARGETS.keys()


def test_make_explains_every_target() -> None:
    assert [target for target, text in TARGETS.items() if not text] == ["help"]


def test_readme_has_every_variable() -> None:
    (table,) = re.findall(r"^## Configuration\n(.*?)^## ", README, re.MULTILINE | re.DOTALL)
    named = {
        name
        for cell in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for name in re.findall(r"\w+", cell)
    }
    assert named == {field.metadata["variable"] for field in fields(Settings)} | OF_DEPLOYMENT


def test_production_has_every_event_of_stripe() -> None:
    page = (ROOT / "docs" / "production.md").read_text("utf-8")
    named = []
    for first, others in re.findall(r"^- `([a-z_.]+)`((?:, `[a-z_.]+`)*)$", page, re.MULTILINE):
        named.append(first)
        for other in re.findall(r"`([a-z_.]+)`", others):
            whole = not other.startswith(".")
            named.append(other if whole else first.rpartition(".")[0] + other)
    assert sorted(named) == sorted(HANDLERS)


def test_events_has_every_type() -> None:
    folder = ROOT / "db" / "functions" / "credits" / "events"
    (types,) = re.findall(
        r"array\[\s+('[^]]+)\]", (folder / "_register_consumer.sql").read_text("utf-8")
    )
    page = (ROOT / "docs" / "events.md").read_text("utf-8")
    named = re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", page, re.MULTILINE)
    assert sorted(named) == sorted(re.findall(r"'([a-z.]+)'", types))
