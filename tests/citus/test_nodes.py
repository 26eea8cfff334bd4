"""The node that holds an account is asked, and needs no other."""

import asyncio

import psycopg
import pytest

from api.database.gates import Account, Kind
from api.database.nodes import Nodes as ApiNodes
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


def test_a_batch_of_one_node_needs_no_other(nodes: Nodes) -> None:
    users = [f"nodes-batch-{number}" for number in range(40)]
    _, holder = nodes.place(users[0])
    users = [user for user in users if nodes.place(user)[1] == holder][:10]
    for user in users:
        give(nodes, user)
    batch = {
        "user_ids": users,
        "amounts": [1] * len(users),
        "app_ids": ["chat"] * len(users),
        "descriptions": ["One"] * len(users),
    }
    with nodes.api(holder) as api:
        assert statements_elsewhere(api, "credits.use_credits_batch", **batch) == 0


def test_a_batch_is_three_statements_an_item_and_five_a_node(nodes: Nodes) -> None:
    users = [f"nodes-spread-{number}" for number in range(20)]
    for user in users:
        give(nodes, user)
    batch = {
        "user_ids": users,
        "amounts": [1] * len(users),
        "app_ids": ["chat"] * len(users),
        "descriptions": ["One"] * len(users),
    }
    with nodes.api() as api:
        elsewhere = statements_elsewhere(api, "credits.use_credits_batch", **batch)
    assert elsewhere <= 3 * len(users) + 5 * (len(nodes.urls) - 1)


@pytest.mark.parametrize("node", [0, 1, 2])
def test_caps_of_a_login_hold_in_its_transactions_on_every_node(nodes: Nodes, node: int) -> None:
    give(nodes, "nodes-capped")
    with nodes.connect() as owner:
        owner.execute(
            "insert into credits.service_caps (caller, max_amount) values ('test_service', 5)"
        )
    try:
        login = {"user": "test_service", "password": LOGIN_PASSWORD}
        with nodes.connect(node, **login) as service, refused(service, "UC016"):
            call(
                service,
                "credits.use_credits",
                user_id="nodes-capped",
                amount=6,
                app_id="chat",
                description="One",
            )
    finally:
        with nodes.connect() as owner:
            owner.execute("delete from credits.service_caps where caller = 'test_service'")


def test_the_api_asks_the_node_that_holds_an_account_also_when_it_has_moved(nodes: Nodes) -> None:
    urls = [of_database(url, user="test_api", password=LOGIN_PASSWORD) for url in nodes.urls]
    part, holder = nodes.place("nodes-bob")
    target = next(node for node in range(1, len(urls)) if node != holder)

    async def asked() -> list[int]:
        async with ApiNodes(urls[0], urls[1:], size=1, prepare="off") as known:
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
