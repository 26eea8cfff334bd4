"""Refusals of functions, errors of the HTTP layer and docs/errors.md agree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.database.refusals import REFUSALS
from api.http.error_codes import ERROR_CODES
from deploy.deployment import DATABASE_FOLDER

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
OURS = re.compile(r"'(U[CG]\d{3})'")
ROW = re.compile(r"\| (U[CG]\d{3}) \| `(\w+)` \| (\d{3}) \| .+ \|(.*)\|")

# Codes that callers were told of before there was this page.
PROMISED = [
    "invalid_request",
    "spending_limit_exceeded",
    "gift_not_active",
    "gift_expired",
    "gift_already_claimed",
    "riddle_answer_required",
    "wrong_riddle_answer",
    "amount_exceeds_refundable",
    "unauthenticated",
    "insufficient_credits",
    "not_a_guild_member",
    "guild_role_required",
    "gift_for_someone_else",
    "admin_required",
    "not_found",
    "gift_not_found",
    "package_not_found",
    "idempotency_key_reused",
    "reservation_already_released",
    "body_too_large",
    "too_many_attempts",
    "auth_unavailable",
    "payments_unavailable",
    "overloaded",
    "database_unavailable",
]

# The books protect themselves: a mistake of ours, not a refusal of the caller's request.
INTERNAL = "UC017"


@dataclass(frozen=True, slots=True)
class Documented:
    """A row of the page's table."""

    code: str
    status: int
    has_details: bool


@dataclass(frozen=True, slots=True)
class Raised:
    """A statement that raises one or more of our SQLSTATEs."""

    where: str
    sqlstates: frozenset[str]
    text: str


def documented() -> dict[str, Documented]:
    text = PAGE.read_text(encoding="utf-8")
    return {
        match[1]: Documented(
            match[2], int(match[3]), not re.fullmatch(r"|none\b.*", match[4].strip())
        )
        for match in ROW.finditer(text)
    }


def never_raised() -> set[str]:
    """The codes that the page calls so: the database returns a status in their place."""
    (sentence,) = re.findall(
        r"^(.*) are never raised", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    return set(re.findall(r"U[CG]\d{3}", sentence))


def raised() -> Iterator[Raised]:
    for path in sorted((DATABASE_FOLDER / "functions").rglob("*.sql")):
        source = path.read_text(encoding="utf-8")
        for text in re.findall(r"raise exception using.*?;\n", source, re.DOTALL):
            # A signal that the function itself waits for never leaves it.
            caught = {state for state in OURS.findall(text) if f"when sqlstate '{state}'" in source}
            found = frozenset(OURS.findall(text)) - caught
            if found:
                yield Raised(path.stem, found, text)


RAISED = list(raised())
each = pytest.mark.parametrize(
    "statement", RAISED, ids=[f"{one.where} {'/'.join(sorted(one.sqlstates))}" for one in RAISED]
)


def test_http_layer_answers_as_documented() -> None:
    page = {state: (row.code, row.status) for state, row in documented().items()}
    assert page.pop(INTERNAL) == ("internal_error", 500)
    assert page == {state: (code, ERROR_CODES[code].status) for state, code in REFUSALS.items()}


def told_to_the_refusal_of_what_there_is_not() -> set[str]:
    sources = (path.read_text("utf-8") for path in (DATABASE_FOLDER / "functions").rglob("*.sql"))
    calls = re.compile(r"credits\._refuse_unknown\(.*?;\n", re.DOTALL)
    return {
        state for source in sources for one in calls.findall(source) for state in OURS.findall(one)
    }


def test_every_code_that_is_raised_is_documented_and_the_reverse() -> None:
    found = told_to_the_refusal_of_what_there_is_not()
    found |= frozenset().union(*(statement.sqlstates for statement in RAISED))
    assert found == documented().keys() - never_raised()


@pytest.mark.parametrize("code", PROMISED)
def test_every_code_that_was_promised_is_documented(code: str) -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    assert [row for row in rows if f"`{code}`" in row]


@each
def test_refusal_says_what_to_do(statement: Raised) -> None:
    assert re.search(r"\bhint = ", statement.text)


@each
def test_refusal_has_the_details_that_are_documented(statement: Raised) -> None:
    page = documented()
    expected = {page[state].has_details for state in statement.sqlstates}
    assert expected == {bool(re.search(r"\bdetail = ", statement.text))}
