"""Gifts for one person: the holder of an e-mail address or of a Matrix id."""

import pytest

from tests.databases import Connection, Owner
from tests.sql.books import attempts
from tests.sql.calls import balance, call, gift, redeem

EMAIL, MATRIX_ID = "ada@example.com", "@ada:example.com"


@pytest.mark.parametrize("email", [EMAIL, "ADA@Example.COM"])
@pytest.mark.parametrize("target", [EMAIL, "Ada@EXAMPLE.com"])
def test_holder_of_the_address_gets_it_in_any_case(db: Connection, target: str, email: str) -> None:
    made = gift(db, "creator", 10, target_email=target)
    assert redeem(db, made["code"], "u1", email=email)["status"] == "success"


LOOK_ALIKES = [
    ("kim@example.com", "\N{KELVIN SIGN}im@example.com"),
    ("ian@example.com", "İan@example.com"),
    ("ian@example.com", "\N{LATIN SMALL LETTER DOTLESS I}an@example.com"),
    ("änne@example.com", "ÄNNE@example.com"),
    ("sepp@example.com", "\N{LATIN SMALL LETTER LONG S}epp@example.com"),
    ("a@straße.example", "a@strasse.example"),
    ("ada@example.com", "\N{FULLWIDTH LATIN SMALL LETTER A}da@example.com"),
]


@pytest.mark.parametrize(
    "typed", [f"{EMAIL} ", f"\t{EMAIL}\n", f"\N{NO-BREAK SPACE}{EMAIL}"], ids=ascii
)
def test_white_space_around_an_address_is_taken_away(db: Connection, typed: str) -> None:
    assert gift(db, "creator", 10, target_email=typed)["target_email"] == EMAIL
    pending = call(db, "gifts.redeem_pending_gifts", user_id="u1", email=typed)
    assert pending["redeemed_count"] == 1


@pytest.mark.parametrize(("target", "email"), LOOK_ALIKES, ids=ascii)
def test_address_with_another_letter_than_ascii_is_somebody_elses(
    db: Connection, target: str, email: str
) -> None:
    for one, other in ((target, email), (email, target)):
        made = gift(db, "creator", 10, target_email=one)
        assert redeem(db, made["code"], "u1", email=other)["status"] == "failed_wrong_user"
        pending = call(db, "gifts.redeem_pending_gifts", user_id="u1", email=other)
        assert pending["redeemed_count"] == 0
        call(db, "gifts.cancel_gift", gift_id=made["id"], creator_id="creator")


def test_holder_of_the_matrix_id_gets_it(db: Connection) -> None:
    made = gift(db, "creator", 10, target_matrix_id=MATRIX_ID)
    assert redeem(db, made["code"], "u1", matrix_id=MATRIX_ID)["status"] == "success"


@pytest.mark.parametrize("identity", [{"email": EMAIL}, {"matrix_id": MATRIX_ID}])
def test_one_of_two_targets_is_enough(db: Connection, identity: dict[str, str]) -> None:
    made = gift(db, "creator", 10, target_email=EMAIL, target_matrix_id=MATRIX_ID)
    assert redeem(db, made["code"], "u1", **identity)["status"] == "success"


@pytest.mark.parametrize(
    "target", [{"target_email": EMAIL}, {"target_matrix_id": MATRIX_ID}], ids=str
)
@pytest.mark.parametrize(
    "identity",
    [
        {},
        {"email": ""},
        {"email": "eve@example.com"},
        {"matrix_id": "@eve:example.com"},
        {"email": MATRIX_ID, "matrix_id": EMAIL},
        {"email": "%"},
        {"matrix_id": "@ADA:example.com"},
    ],
    ids=str,
)
def test_nobody_else_gets_it(
    db: Connection, owner: Owner, target: dict[str, str], identity: dict[str, str]
) -> None:
    made = gift(db, "creator", 10, **target)
    assert redeem(db, made["code"], "u1", **identity)["status"] == "failed_wrong_user"
    assert attempts(owner, made["code"]) == [("u1", "failed_wrong_user")]
    assert balance(db, "u1") == 0


def test_creator_does_not_get_what_is_for_another_person(db: Connection) -> None:
    made = gift(db, "creator", 10, target_email=EMAIL)
    answer = redeem(db, made["code"], "creator", email="creator@example.com")
    assert answer["status"] == "failed_wrong_user"


@pytest.mark.parametrize("kind", ["simple", "split", "first_come", "riddle"])
def test_target_holds_for_every_type(db: Connection, kind: str) -> None:
    riddle = {"riddle_question": "Who?", "riddle_answer": "I"} if kind == "riddle" else {}
    made = gift(db, "creator", 10, type=kind, target_email=EMAIL, **riddle)
    answer = redeem(db, made["code"], "u1", email="eve@example.com", riddle_answer="I")
    assert answer["status"] == "failed_wrong_user"


def test_gift_without_a_target_is_for_everybody(db: Connection) -> None:
    made = gift(db, "creator", 10)
    assert redeem(db, made["code"], "u1", email=EMAIL)["status"] == "success"


def test_digest_of_a_request_tells_nothing_of_the_receiver(db: Connection, owner: Owner) -> None:
    """It stays when the receiver is erased."""
    for email in ("ann@example.com", "bob@example.com"):
        gift(db, "creator", 10, target_email=email)
    digests = owner.execute("select distinct request_digest from gifts.gift_codes").fetchall()
    assert len(digests) == 1
