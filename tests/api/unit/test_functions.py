"""The declarations of the functions that are called, beside the functions of the database."""

import re
from collections.abc import Iterable
from pathlib import Path

import api
import worker
from api.database.batches import BATCH_FORMS, Posting
from api.database.functions import CALLER, FUNCTIONS, OF_NOBODY, REQUEST_ID
from api.database.gates import Account, Kind
from api.http.errors import ApiError
from tests.databases import Database

_NAME = re.compile(r'"((?:credits|gifts)\.[a-z_]+)"')


def parameters(database: Database) -> dict[str, list[str]]:
    """Return the parameters of every function that the API may call."""
    with database.connect() as owner:
        rows = owner.execute(
            "select oid::regproc::text as name, proargnames[:pronargs] from pg_proc"
            " where pronamespace in ('credits'::regnamespace, 'gifts'::regnamespace)"
            " and has_function_privilege('credits_api', oid, 'execute')"
        ).fetchall()
    return {row["name"]: row["proargnames"] or [] for row in rows}


def called(there: Iterable[str]) -> set[str]:
    """Return those of some functions that are called by themselves, not as a batch."""
    folders = [Path(api.__file__).parent, Path(worker.__file__).parent]
    sources = [source for folder in folders for source in folder.rglob("*.py")]
    named = {name for source in sources for name in _NAME.findall(source.read_text("utf-8"))}
    batches = {form.function for form in BATCH_FORMS.values() if isinstance(form, Posting)}
    return (named & set(there)) - batches


def test_every_function_that_names_an_account_is_declared(database: Database) -> None:
    there = parameters(database)
    of_accounts = {name for function in FUNCTIONS.values() for name in function.accounts}
    naming = {name for name in called(there) if of_accounts & set(there[name])}
    assert naming - FUNCTIONS.keys() == set()


def test_what_is_declared_is_there(database: Database) -> None:
    there = parameters(database)
    assert FUNCTIONS.keys() <= called(there)
    for name, function in FUNCTIONS.items():
        assert function.accounts.keys() <= set(there[name]), name
        changes_a_hold = "p_reservation_id" in there[name] and CALLER in there[name]
        assert function.hold == ("p_reservation_id" if changes_a_hold else None), name


def test_what_is_said_beside_a_call_is_the_end_of_its_parameters(database: Database) -> None:
    there = parameters(database)
    for name in called(there):
        tells = FUNCTIONS.get(name, OF_NOBODY).tells
        assert tuple(one for one in (REQUEST_ID, CALLER) if one in there[name]) == tells, name
        assert tuple(there[name][len(there[name]) - len(tells) :]) == tells, name


def test_what_goes_together_is_for_one_account(database: Database) -> None:
    there = parameters(database)
    for name, form in BATCH_FORMS.items():
        assert len(FUNCTIONS[name].accounts) == 1
        assert form.parameters.keys() <= set(there[name])
        if isinstance(form, Posting):
            assert set(form.parameters.values()) <= set(there[form.function])


def test_only_accounts_that_are_named_count() -> None:
    reserve = FUNCTIONS["credits.reserve_credits"]
    assert reserve.accounts_of({"p_user_id": "u", "p_guild_id": None}) == [
        Account(Kind.PERSON, "u")
    ]
    assert sorted(reserve.accounts_of({"p_guild_id": "g", "p_user_id": "u"})) == [
        Account(Kind.PERSON, "u"),
        Account(Kind.GUILD, "g"),
    ]


def test_a_gift_is_one_account_however_its_code_is_typed() -> None:
    redeem = FUNCTIONS["gifts.redeem_gift"]
    for code in ("ABCDE12345", "abcde-12345", " Abcde 12345.", "abc\u2013de12345"):
        assert redeem.accounts_of({"p_code": code}) == [Account(Kind.GIFT, "ABCDE12345")]


def test_who_is_being_erased_is_told_to_come_again_in_a_batch_too() -> None:
    form = BATCH_FORMS["credits.use_credits"]
    (answer,) = form.outcomes([(1, "55P03", "The account is being erased", None, None)])
    assert isinstance(answer, ApiError)
    assert (answer.status, answer.code) == (503, "overloaded")
