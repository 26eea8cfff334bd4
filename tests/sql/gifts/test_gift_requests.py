"""Requests that cannot be a gift: gifts.create_gift refuses them and names the field."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.databases import Connection, refused
from tests.sql.calls import balance, call, gift

NOW = datetime.now(UTC)
RIDDLE = {"riddle_question": "Who?", "riddle_answer": "I"}
EMAIL = {"target_email": "a@example.com"}

BLANK_OR_LONG = ("", "  ", "\t\n", "\N{NO-BREAK SPACE}\u2028", "x" * 201)

REFUSED = [
    *[("totalCredits", {"total_credits": n}) for n in ("0", "-1", "0.5", "1.5", "10001", "1e9")],
    *[("totalCredits", {"total_credits": n}) for n in ("NaN", "Infinity", "-Infinity", None)],
    *[("totalPortions", {"total_portions": n}) for n in (0, -1, 101)],
    ("totalPortions", {"total_credits": 2, "total_portions": 3}),
    ("totalPortions", {"type": "simple", "total_portions": 2}),
    ("totalPortions", {"type": "personalized", "total_portions": 2, **EMAIL}),
    *[("type", {"type": name}) for name in ("nonsense", "", "Simple")],
    *[
        ("targetEmail", {"target_email": e})
        for e in (
            *("", "a", "@a", "a@", "a@b@c", "a b@c", "a@\n", "a\N{EM SPACE}b@c", "a\x01@b"),
            *(
                "Ada <a@b>",
                "a@b,c@d",
                "mailto:a@b",
                '"a"@b',
                "a@.b",
                "a@b.",
                "a@b..c",
                "erased:a@b",
            ),
        )
    ],
    ("targetEmail", {"target_email": "a" * 250 + "@a.de"}),
    ("targetEmail", {"type": "personalized"}),
    ("riddleQuestion", {"type": "riddle"}),
    ("riddleQuestion", {"riddle_answer": "I"}),
    ("riddleQuestion", {"type": "riddle", "riddle_answer": "I"}),
    *[("riddleQuestion", {**RIDDLE, "riddle_question": q}) for q in BLANK_OR_LONG],
    ("riddleAnswer", {"riddle_question": "Who?"}),
    *[("riddleAnswer", {**RIDDLE, "riddle_answer": a}) for a in BLANK_OR_LONG],
    *[("expirationDays", {"expiration_days": days}) for days in (0, -1, 3651)],
    ("expiresAt", {"expires_at": NOW - timedelta(seconds=1)}),
    ("expiresAt", {"expires_at": NOW + timedelta(days=3651)}),
    ("expiresAt", {"expires_at": "infinity"}),
    ("expiresAt", {"expires_at": "-infinity"}),
    ("expiresAt", {"expires_at": NOW + timedelta(days=5), "expiration_days": 5}),
]


@pytest.mark.parametrize(
    ("field", "parts"), REFUSED, ids=lambda part: re.sub(r"datetime.*", "a time", ascii(part))[:60]
)
def test_request_is_refused(db: Connection, field: str, parts: dict[str, object]) -> None:
    with refused(db, "UC001") as refusal:
        call(db, "gifts.create_gift", **{"creator_id": "creator", "total_credits": 100, **parts})
    assert list(refusal.details) == [field]
    assert balance(db, "creator") == 10000


@pytest.mark.parametrize(
    "parts",
    [
        {"type": "personalized"},
        {"expires_at": NOW + timedelta(days=5), "expiration_days": 5},
    ],
    ids=lambda parts: "-".join(parts),
)
def test_a_problem_can_be_read_by_itself(db: Connection, parts: dict[str, object]) -> None:
    with refused(db, "UC001") as refusal:
        gift(db, "creator", 100, **parts)
    [problem] = refusal.details.values()
    assert problem.split()[0] in ("must", "is")


@pytest.mark.parametrize(
    "parts",
    [
        {"total_portions": 100},
        {"message": "🎁" * 500},
        {"riddle_question": "?" * 200, "riddle_answer": "!" * 200},
        {"type": "split", "total_portions": 1},
        {"type": "riddle", **RIDDLE, "total_portions": 5},
        {"type": "simple", **EMAIL, **RIDDLE},
        {"expires_at": NOW + timedelta(days=3649)},
    ],
    ids=lambda parts: "-".join(parts),
)
def test_request_at_the_edge_is_taken(db: Connection, parts: dict[str, object]) -> None:
    assert gift(db, "creator", 100, **parts)["status"] == "active"
