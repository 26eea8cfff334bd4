"""Codes: ten characters that people can tell apart, the last of them a check character."""

import re

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import Row, call, gift

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@pytest.fixture
def code(db: Connection) -> str:
    """The code of a gift."""
    return str(gift(db, "creator", 1)["code"])


def normal(owner: Owner, text: str) -> str | None:
    row = owner.execute("select gifts._normalize_code(%s) as code", (text,)).fetchone()
    assert row is not None
    return None if row["code"] is None else str(row["code"])


def taken_for_codes(owner: Owner, texts: list[str]) -> list[Row]:
    return owner.execute(
        "select t from unnest(%s::text[]) t where gifts._normalize_code(t) is not null", (texts,)
    ).fetchall()


def codes(owner: Owner, n: int) -> list[str]:
    found = owner.execute("select gifts._new_code() as code from generate_series(1, %s)", (n,))
    return [row["code"] for row in found]


def test_code_has_ten_characters_of_the_alphabet(code: str) -> None:
    assert re.fullmatch(f"[{ALPHABET}]{{10}}", code)


def test_every_code_passes_its_own_check(owner: Owner) -> None:
    for one in codes(owner, 100):
        assert normal(owner, one) == one


def test_no_two_codes_are_the_same(owner: Owner) -> None:
    assert len(set(codes(owner, 2000))) == 2000


def test_code_that_another_gift_has_is_drawn_again(db: Connection, owner: Owner, code: str) -> None:
    owner.execute("alter function gifts._new_code rename to _other_code")
    owner.execute("create sequence gifts.drawn")
    # By chance it takes more gifts than there will ever be.
    owner.execute(f"""
        create function gifts._new_code() returns text language sql
        return case nextval('gifts.drawn') when 1 then '{code}' else gifts._other_code() end
    """)
    owner.execute("alter function gifts._new_code owner to credits_owner")
    owner.execute("alter sequence gifts.drawn owner to credits_owner")
    assert gift(db, "creator", 1)["code"] != code
    assert call(db, "gifts.get_gift", code=code)["status"] == "active"


def test_every_character_occurs_at_every_place(owner: Owner) -> None:
    found = codes(owner, 1000)
    for place in range(10):
        assert {one[place] for one in found} == set(ALPHABET)


def test_every_single_wrong_character_is_noticed(owner: Owner) -> None:
    for one in codes(owner, 5):
        typos = [
            one[:place] + wrong + one[place + 1 :]
            for place in range(10)
            for wrong in ALPHABET
            if wrong != one[place]
        ]
        assert len(typos) == 310
        assert not taken_for_codes(owner, typos)


def test_nearly_every_swap_of_two_neighbours_is_noticed(owner: Owner) -> None:
    swaps = [
        one[:place] + one[place + 1] + one[place] + one[place + 2 :]
        for one in codes(owner, 200)
        for place in range(9)
        if one[place] != one[place + 1]
    ]
    assert len(taken_for_codes(owner, swaps)) / len(swaps) < 0.02


@pytest.mark.parametrize(
    "typed",
    [
        str.lower,
        lambda code: f" {code} ",
        lambda code: f"{code[:5]}-{code[5:]}",
        lambda code: " ".join(code),
        lambda code: "-".join(code.lower()),
        lambda code: f"\t{code[:4]} {code[4:7]}- {code[7:]}\n",
        lambda code: f"{code[:3]}\u2013{code[3:6]}\u2011{code[6:]}",
        lambda code: f"\ufeff{code[:5]}\u200b{code[5:]}\u00a0.",
    ],
    ids=[
        "lower case",
        "spaces around",
        "hyphen",
        "spaces",
        "lower case and hyphens",
        "all of it",
        "dashes",
        "what cannot be seen, and a full stop",
    ],
)
def test_typed_code_is_forgiven(db: Connection, code: str, typed: object) -> None:
    assert callable(typed)
    assert call(db, "gifts.get_gift", code=typed(code))["code"] == code


@pytest.mark.parametrize("typed", [lambda c: c[:9], lambda c: c + "A", lambda c: f"{c}{c}"])
def test_code_of_another_length_is_not_found(db: Connection, code: str, typed: object) -> None:
    assert callable(typed)
    with refused(db, "UG001"):
        call(db, "gifts.get_gift", code=typed(code))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-" * 1000,
        "0" * 10,
        "IIIIIIIIII",
        "ÄÖÜ",
        "%",
        "' or true --",
        "\\",
        "x" * 10**6,
        None,
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_what_cannot_be_a_code_is_not_found(db: Connection, text: str | None) -> None:
    with refused(db, "UG001"):
        call(db, "gifts.get_gift", code=text)
