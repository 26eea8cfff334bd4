"""The node that holds an account is asked, and needs no other."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import psycopg
import pytest
from psycopg.types.json import Jsonb

from api.database.gates import Account, Kind
from api.database.nodes import Nodes as ApiNodes
from api.settings import Settings
from tests.citus.conftest import Nodes, of_database
from tests.databases import LOGIN_PASSWORD, Connection, refused
from tests.sql.calls import call, rows


def give(nodes: Nodes, account_id: str) -> None:
    with nodes.api() as api:
        call(
            api,
            "credits.grant_credits",
            user_id=account_id,
            amount=1000,
            reason="bonus",
            reference_id="nodes",
        )


def statements_elsewhere(connection: Connection, function: str, **arguments: object) -> int:
    """Count what a call sends to other nodes."""
    sent: list[str] = []

    def note(notice: psycopg.errors.Diagnostic) -> None:
        sent.append(notice.message_primary or "")

    rows(connection, function, **arguments)
    connection.execute("set citus.log_remote_commands = on")
    connection.add_notice_handler(note)
    rows(connection, function, **arguments)
    connection.remove_notice_handler(note)
    connection.execute("set citus.log_remote_commands = off")
    return sum(notice.startswith("issuing") for notice in sent)


def test_a_debit_is_one_statement_and_none_where_the_account_lies(nodes: Nodes) -> None:
    give(nodes, "nodes-ann")
    _, holder = nodes.place("nodes-ann")
    debit = {"user_id": "nodes-ann", "amount": 1, "app_id": "chat", "description": "One"}
    found = {}
    for node in range(len(nodes.urls)):
        with nodes.api(node) as api:
            found[node] = statements_elsewhere(api, "credits.use_credits", **debit)
    assert found == {node: int(node != holder) for node in found}


def batch_of(users: list[str], amount: int = 1, **more: object) -> dict[str, object]:
    """Return the arguments of a batch with one debit for each."""
    return {
        "user_ids": users,
        "amounts": [amount] * len(users),
        "app_ids": ["chat"] * len(users),
        "descriptions": ["One"] * len(users),
        **more,
    }


def users_with_credits(nodes: Nodes, prefix: str, count: int) -> list[str]:
    users = [f"{prefix}-{number}" for number in range(count)]
    for user in users:
        give(nodes, user)
    return users


@contextmanager
def capped(nodes: Nodes, caller: str, **caps: int) -> Iterator[None]:
    """Have a caller's caps hold while the block runs."""
    with nodes.connect() as owner:
        owner.execute(
            "insert into credits.service_caps (caller, max_amount, max_amount_per_day)"
            " values (%s, %s, %s)",
            (caller, caps.get("max_amount", 1000), caps.get("max_amount_per_day")),
        )
        try:
            yield
        finally:
            owner.execute("delete from credits.service_caps where caller = %s", (caller,))


def test_a_batch_of_one_node_needs_no_other(nodes: Nodes) -> None:
    users = users_with_credits(nodes, "nodes-batch", 40)
    _, holder = nodes.place(users[0])
    users = [user for user in users if nodes.place(user)[1] == holder][:10]
    with nodes.api(holder) as api:
        assert statements_elsewhere(api, "credits.use_credits_batch", **batch_of(users)) == 0


def test_a_batch_is_one_statement_for_neighbours_on_a_node_and_four_a_node(nodes: Nodes) -> None:
    users = users_with_credits(nodes, "nodes-spread", 20)
    holders = [nodes.place(user)[1] for user in sorted(users)]
    runs = sum(left != right for left, right in pairwise([0, *holders]))
    with nodes.api() as api:
        elsewhere = statements_elsewhere(api, "credits.use_credits_batch", **batch_of(users))
    assert elsewhere == runs + 4 * len(set(holders)) <= 28


def test_a_batch_of_one_account_is_four_statements(nodes: Nodes) -> None:
    give(nodes, "nodes-hot")
    with nodes.api() as api:
        batch = batch_of(["nodes-hot"] * 20)
        assert statements_elsewhere(api, "credits.use_credits_batch", **batch) == 4


def test_a_batch_says_who_called_and_refuses_each_by_itself(nodes: Nodes) -> None:
    users = users_with_credits(nodes, "nodes-refused", 4)
    batch = batch_of(users, amounts=[1, 2000, 1, 2000])
    with nodes.api() as api, nodes.connect() as owner:
        answers = rows(api, "credits.use_credits_batch", **batch)
        written = owner.execute(
            "select account_id, called_by from credits.entries"
            " where account_id = any (%s) and type = 'usage' order by account_id",
            [users],
        ).fetchall()
    assert [answer["refusal"] for answer in answers] == [None, "UC002", None, "UC002"]
    assert [(row["account_id"], row["called_by"]) for row in written] == [
        (users[0], "test_api"),
        (users[2], "test_api"),
    ]


def test_a_batch_is_held_to_the_caps_of_whoever_the_api_names(nodes: Nodes) -> None:
    users = users_with_credits(nodes, "nodes-named", 4)
    with nodes.api() as api, capped(nodes, "quiz", max_amount=5):
        batch = batch_of(users, amounts=[5, 6, 5, 6], caller="quiz")
        answers = rows(api, "credits.use_credits_batch", **batch)
    assert [answer["refusal"] for answer in answers] == [None, "UC016", None, "UC016"]


def test_a_batch_counts_for_the_day_of_its_caller(nodes: Nodes) -> None:
    users = users_with_credits(nodes, "nodes-daily", 4)
    with nodes.api() as api, capped(nodes, "quiz", max_amount_per_day=2):
        answers = rows(api, "credits.use_credits_batch", **batch_of(users, caller="quiz"))
        assert [answer["refusal"] for answer in answers] == [None, None, "UC016", "UC016"]
        with nodes.connect() as owner:
            count = owner.execute(
                "select amount from credits.service_cap_usage where caller = 'quiz'"
            ).fetchone()
    assert count == {"amount": 2}


def test_a_batch_knows_the_keys_of_somebody_who_was_erased(nodes: Nodes) -> None:
    users = users_with_credits(nodes, "nodes-buried", 4)
    batch = batch_of(users, idempotency_keys=["once"] * 4)
    with nodes.api() as api:
        rows(api, "credits.use_credits_batch", **batch)
        for user in users:
            call(api, "credits.erase_user", user_id=user)
            call(
                api,
                "credits.grant_credits",
                user_id=user,
                amount=5,
                reason="bonus",
                reference_id="again",
            )
        answers = rows(api, "credits.use_credits_batch", **batch)
        again = rows(api, "credits.use_credits_batch", **batch_of(users))
    assert [answer["refusal"] for answer in answers] == ["UC004"] * 4
    assert [answer["balance"] for answer in again] == [4] * 4


@pytest.mark.parametrize("node", [0, 1, 2])
@pytest.mark.parametrize("account", ["with credits", "new"])
def test_caps_of_a_login_hold_in_its_transactions_on_every_node(
    nodes: Nodes, account: str, node: int
) -> None:
    user = f"nodes-capped-{node}-{account}"
    if account == "with credits":
        give(nodes, user)
    login = {"user": "test_service", "password": LOGIN_PASSWORD}
    debit = {"user_id": user, "amount": 6, "app_id": "chat", "description": "One"}
    with capped(nodes, "test_service", max_amount=5), nodes.connect(node, **login) as service:
        call(service, "credits.init_balance", user_id=user)
        with refused(service, "UC016"):
            call(service, "credits.use_credits", **debit)
        [answer] = rows(service, "credits.use_credits_batch", **batch_of([user], 6))
    assert answer["refusal"] == "UC016"


@pytest.mark.parametrize(
    ("function", "account", "limits"),
    [
        ("credits.set_limits", "user_id", {"limits": Jsonb({"daily": 5})}),
        ("credits.set_guild_limits", "organization_id", {"daily_limit": 5}),
        ("credits.set_spending_limits", "organization_id", {"user_id": "ann", "daily_limit": 5}),
    ],
)
def test_history_of_a_limit_names_the_login(
    nodes: Nodes, function: str, account: str, limits: dict[str, object]
) -> None:
    account_id = f"nodes-{function}"
    with nodes.api() as api, nodes.connect() as owner:
        call(api, "credits.init_guild_pool", organization_id=account_id)
        call(api, function, **{account: account_id}, **limits)
        noted = owner.execute(
            "select called_by from credits.rule_history where account_id = %s", (account_id,)
        ).fetchall()
    assert noted == [{"called_by": "test_api"}]


def test_the_api_asks_the_node_that_holds_an_account_also_when_it_has_moved(nodes: Nodes) -> None:
    urls = [of_database(url, user="test_api", password=LOGIN_PASSWORD) for url in nodes.urls]
    part, holder = nodes.place("nodes-bob")
    target = next(node for node in range(1, len(urls)) if node != holder)

    async def asked() -> list[int]:
        settings = Settings(urls[0], "", (), database_nodes=tuple(urls[1:]), database_pool_size=1)
        async with ApiNodes(settings) as known:
            found = [await group_until(known, holder)]
            nodes.move(part, holder, target)
            return [*found, await group_until(known, target)]

    async def group_until(known: ApiNodes, node: int) -> int:
        wanted = nodes.group(node)
        async with asyncio.timeout(20):
            while True:
                fetch = await known.fetch_for([Account(Kind.PERSON, "nodes-bob")])
                [(group,)] = await fetch(b"select groupid from pg_dist_local_group", {})
                if group == wanted:
                    return int(group)
                await asyncio.sleep(0.05)

    assert asyncio.run(asked()) == [nodes.group(holder), nodes.group(target)]
