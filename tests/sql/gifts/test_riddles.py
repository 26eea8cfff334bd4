"""Gifts that ask for an answer."""

import unicodedata

import pytest

import letters
from tests.databases import Connection, Owner, refused
from tests.sql.books import attempts, gift_row
from tests.sql.calls import balance, gift, redeem

QUESTION = "What answers without being asked?"
ANSWER = "The Écho"


def riddle(db: Connection, answer: str = ANSWER, **more: object) -> str:
    made = gift(db, "creator", 10, riddle_question=QUESTION, riddle_answer=answer, **more)
    return str(made["code"])


@pytest.mark.parametrize(
    "answer",
    [
        ANSWER,
        "the Écho",
        "THE ÉCHO",
        "  The   Écho ",
        "The\tÉcho",
        "The Écho\n",
        "\tThe Écho",
        unicodedata.normalize("NFD", ANSWER),
        "The\N{NO-BREAK SPACE}Écho",
        "\N{FULLWIDTH LATIN CAPITAL LETTER T}he Écho",
    ],
    ids=ascii,
)
def test_right_answer_opens_however_it_is_typed(db: Connection, answer: str) -> None:
    assert redeem(db, riddle(db), "u1", riddle_answer=answer)["status"] == "success"


SAME = [
    ("München", "MÜNCHEN"),
    ("istanbul", "ISTANBUL"),
    ("istanbul", "İSTANBUL"),
    ("\N{LATIN SMALL LETTER DOTLESS I}stanbul", "Istanbul"),
    ("i\N{COMBINING DOT ABOVE}stanbul", "İstanbul"),
    ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
    ("Жизнь", "ЖИЗНЬ"),
    ("երևան", "ԵՐԵՒԱՆ"),
    ("großer Fuß", "GROẞER FUẞ"),
    ("Straße", "STRASSE"),
    ("kelvin", "\N{KELVIN SIGN}elvin"),
    ("𐐨", "𐐀"),
    ("zu\N{LINE SEPARATOR}zweit", "zu\N{OGHAM SPACE MARK}\N{NEXT LINE}zweit"),
]


@pytest.mark.parametrize(("kept", "answer"), SAME, ids=ascii)
def test_letters_of_every_alphabet_are_the_same_in_either_case(
    db: Connection, kept: str, answer: str
) -> None:
    assert redeem(db, riddle(db, kept), "u1", riddle_answer=answer)["status"] == "success"
    assert redeem(db, riddle(db, answer), "u1", riddle_answer=kept)["status"] == "success"


@pytest.mark.parametrize(
    ("kept", "answer"),
    [("München", "Munchen"), ("\N{CYRILLIC SMALL LETTER A}", "a")],
    ids=ascii,
)
def test_other_letters_are_another_answer(db: Connection, kept: str, answer: str) -> None:
    code = riddle(db, kept)
    assert redeem(db, code, "u1", riddle_answer=answer)["status"] == "failed_wrong_answer"


def test_letters_are_folded_as_unicode_says(owner: Owner) -> None:
    pairs = letters.pairs()
    row = owner.execute("select gifts._fold_letters(%s) as text", ("".join(pairs),)).fetchone()
    assert row is not None
    # A newer Python may know letters that came later.
    folded = {one: other for one, other in zip(pairs, row["text"], strict=True) if one != other}
    assert folded.items() <= pairs.items()
    assert len(folded) > 1400


@pytest.mark.parametrize("kept", ["The Écho\n", "\t The  Écho", "THE ÉCHO"], ids=ascii)
def test_answer_is_compared_as_it_is_meant(db: Connection, kept: str) -> None:
    assert redeem(db, riddle(db, kept), "u1", riddle_answer="the écho")["status"] == "success"


@pytest.mark.parametrize(
    "answer", ["Echo", "TheÉcho", "The Écho!", "The", "The Écho The Écho", "%", "x" * 10**5]
)
def test_wrong_answer_is_refused_and_recorded(db: Connection, owner: Owner, answer: str) -> None:
    code = riddle(db)
    assert redeem(db, code, "u1", riddle_answer=answer)["status"] == "failed_wrong_answer"
    assert attempts(owner, code) == [("u1", "failed_wrong_answer")]
    assert balance(db, "u1") == 0


@pytest.mark.parametrize("answer", [None, "", "   ", "\t\n", "\N{EM SPACE}\u2028"], ids=ascii)
def test_missing_answer_is_asked_for(db: Connection, owner: Owner, answer: str | None) -> None:
    code = riddle(db)
    with refused(db, "UG005"):
        redeem(db, code, "u1", riddle_answer=answer)
    assert attempts(owner, code) == []


@pytest.mark.parametrize("kind", ["simple", "split", "first_come", "riddle"])
def test_riddle_holds_for_every_type(db: Connection, kind: str) -> None:
    code = riddle(db, type=kind)
    assert redeem(db, code, "u1", riddle_answer="No")["status"] == "failed_wrong_answer"


def test_answer_is_not_asked_where_there_is_no_riddle(db: Connection) -> None:
    made = gift(db, "creator", 10)
    assert redeem(db, made["code"], "u1", riddle_answer="No")["status"] == "success"


def test_answer_of_another_gift_does_not_open(db: Connection) -> None:
    riddle(db, "First")
    assert redeem(db, riddle(db, "Second"), "u1", riddle_answer="First")["status"] == (
        "failed_wrong_answer"
    )


def test_kept_hash_is_not_an_answer(db: Connection, owner: Owner) -> None:
    code = riddle(db)
    kept = gift_row(owner, code)["riddle_answer_hash"]
    assert redeem(db, code, "u1", riddle_answer=kept)["status"] == "failed_wrong_answer"


def test_same_answer_is_kept_differently_in_each_gift(db: Connection, owner: Owner) -> None:
    first, second = riddle(db), riddle(db)
    hashes = {gift_row(owner, code)["riddle_answer_hash"] for code in (first, second)}
    assert len(hashes) == 2


def test_answer_is_kept_nowhere(db: Connection, owner: Owner) -> None:
    code = riddle(db, "Xylophone Quartz", idempotency_key="k")
    redeem(db, code, "u1", riddle_answer="wrongish guess")
    redeem(db, code, "u1", riddle_answer="Xylophone Quartz", idempotency_key="k")
    tables = owner.execute(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables "
        "where schemaname in ('credits', 'gifts')"
    ).fetchall()
    everything = "".join(
        row["text"].lower()
        for table in tables
        for row in owner.execute(f"select t::text as text from {table['name']} t")
    )
    assert code.lower() in everything
    assert "xylophone" not in everything
    assert "wrongish" not in everything
