# The client is made when the test runs.
# mypy: ignore-errors
"""Calls with a client that openapi-python-client has made: `python calls.py URL TOKEN KEY USER`."""

import sys

from mana.api.gifts import create_gift
from mana.api.personal_credits import export_transactions, get_balance, list_transactions
from mana.api.personal_credits import use_credits as use
from mana.api.services_credits import commit_reservation, reserve_credits
from mana.client import AuthenticatedClient
from mana.models import (
    Balance,
    CommitReservation,
    Give,
    GivenGift,
    InsufficientCreditsError,
    ListTransactionsType,
    PersonalUse,
    Reserve,
    UserUse,
    UserUseMetadataType0,
)

url, token, service_key, user_id = sys.argv[1:]

mine = AuthenticatedClient(url, token)
service = AuthenticatedClient(url, service_key, prefix="", auth_header_name="X-Service-Key")


def answer(amount: float, key: str) -> object:
    """Use credits for an answer."""
    tokens = UserUseMetadataType0.from_dict({"tokens": 812})
    body = UserUse(
        amount=amount,
        description="One answer",
        app_id="chat",
        metadata=tokens,
        idempotency_key=key,
    )
    return use.sync(client=mine, body=body)


used = answer(0.5, "python-1")
assert isinstance(used, PersonalUse), used
assert used.new_balance.balance == 9.5
again = answer(0.5, "python-1")
assert isinstance(again, PersonalUse), again
assert again.replayed is True

refused = answer(100, "python-2")
assert isinstance(refused, InsufficientCreditsError), refused
assert (refused.details.required, refused.details.available) == (100, 9.5)

rows = list_transactions.sync(client=mine, limit=1, type_=ListTransactionsType.USAGE)
assert isinstance(rows, list), rows
assert [(row.amount, row.guild_id, row.metadata["tokens"]) for row in rows] == [(-0.5, None, 812)]

table = export_transactions.sync_detailed(client=mine)
assert table.content.startswith(b"id,userId,type,"), table

gift = create_gift.sync(client=mine, body=Give(total_credits=2, expiration_days=30))
assert isinstance(gift, GivenGift), gift
assert gift.total_portions == 1

held = reserve_credits.sync(
    client=service,
    body=Reserve(user_id=user_id, amount=3, reason="A picture", app_id="pictures"),
)
done = commit_reservation.sync(
    client=service, body=CommitReservation(reservation_id=held.reservation_id, amount=1)
)
assert done.released == 2

balance = get_balance.sync(client=mine)
assert isinstance(balance, Balance), balance
assert balance.balance == 6.5
