"""The catalogues of the support desk's page."""

import re
from pathlib import Path

from api.database.rows import FOUND_BY, TRANSACTION_TYPES
from api.pages.brand import page_file
from api.pages.desk import LANGUAGES, texts_of

SCRIPT = page_file("desk.js")
SCHEMA = Path(__file__).resolve().parents[3] / "db" / "schema.sql"


def actions() -> list[str]:
    """Return the actions that the database knows."""
    schema = SCHEMA.read_text("utf-8")
    found = re.search(r"admin_actions_know_their_kind CHECK (.*)", schema)
    assert found
    return re.findall(r"'(\w+)'::text", found[1])


def test_every_language_says_the_same_things() -> None:
    english = texts_of("en")
    for language in LANGUAGES:
        texts = texts_of(language)
        assert texts.keys() == english.keys()
        assert all(isinstance(text, str) and text for text in texts.values())


def test_what_the_script_says_is_in_the_catalogue() -> None:
    named = set(re.findall(r"""texts(?:\.(\w+)|\["([\w-]+)"\])""", SCRIPT))
    assert {one or other for one, other in named} <= texts_of("en").keys()


def test_every_kind_has_its_name() -> None:
    names = {
        *(f"act-{action}" for action in actions()),
        *(f"do-{action}" for action in actions()),
        *(f"by-{found}" for found in FOUND_BY),
        *(f"type-{kind}" for kind in TRANSACTION_TYPES),
    }
    assert names <= texts_of("en").keys()
