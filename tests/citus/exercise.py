"""One walk through every function that callers reach, with what each call answered.

The same walk on a plain server and on a cluster has to be told the same. Ids, moments and codes are
told by the order in which they came up.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import psycopg
from psycopg.types.json import Jsonb

from tests.databases import Connection
from tests.sql.calls import Row, rows

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ"
_SECRETS = ("whsec_", "mana_")
_CODE = re.compile(r"\b[A-HJ-NP-Z2-9]{10}\b")


class Names(NamedTuple):
    """Ids of accounts; where they lie decides what a walk exercises."""

    ann: str
    bob: str
    guild: str
    other_guild: str


class Answer(NamedTuple):
    """The answer to a call: its rows, or its SQLSTATE and DETAIL."""

    call: str
    outcome: Any


@dataclass(slots=True)
class Transcript:
    """The answers to calls, without what differs from one time to the next."""

    api: Connection
    owner: Connection
    answers: list[Answer] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    _seen: dict[str, str] = field(default_factory=dict)

    def call(self, function: str, **arguments: object) -> Row:
        """Call a function; returns its first row, or none."""
        return next(iter(self._told(self.api, function, arguments)), {})

    def all(self, function: str, **arguments: object) -> list[Row]:
        """Call a function; returns its rows."""
        return self._told(self.api, function, arguments)

    def administer(self, function: str, **arguments: object) -> Row:
        """Call a function that only an administrator may call."""
        return next(iter(self._told(self.owner, function, arguments)), {})

    def bring(self, function: str, **arguments: object) -> None:
        """Call a function as what brings accounts from the predecessor."""
        self.owner.execute("set role credits_owner")
        self._told(self.owner, function, arguments)
        self.owner.execute("reset role")

    def keys_of(self, service: str) -> None:
        """Note which keys of a service are listed; the walks before have made others."""
        self.called.add("credits.list_service_keys")
        listed = [
            row for row in rows(self.api, "credits.list_service_keys") if row["name"] == service
        ]
        told = [(row["number"], row["reason"], row["revoked_at"] is None) for row in listed]
        self.answers.append(Answer("credits.list_service_keys()", told))

    def look(self, query: str, *parameters: object) -> None:
        """Note what a query says."""
        found = self.owner.execute(query, parameters).fetchall()
        self.answers.append(Answer(query, [self._plain(row) for row in found]))

    def _told(self, session: Connection, function: str, arguments: dict[str, Any]) -> list[Row]:
        self.called.add(function)
        label = f"{function}({', '.join(sorted(arguments))})"
        try:
            found = rows(session, function, **arguments)
        except psycopg.Error as error:
            refusal = (error.sqlstate, error.diag.message_detail)
            self.answers.append(Answer(label, self._plain(list(refusal))))
            return []
        self.answers.append(Answer(label, [self._plain(row) for row in found]))
        return found

    def _plain(self, value: Any) -> Any:
        match value:
            case dict():
                return {key: self._plain(each) for key, each in value.items()}
            case list() | tuple():
                return [self._plain(each) for each in value]
            case UUID():
                return self._name("id", str(value))
            case datetime():
                return "moment"
            case date():
                return "day"
            case Decimal():
                return value.normalize()
            case str():
                text = _ID.sub(lambda found: self._name("id", found[0]), value)
                text = _CODE.sub(lambda found: self._name("code", found[0]), text)
                text = _MOMENT.sub("moment", text)
                return "a secret" if text.startswith(_SECRETS) else text
        return value

    def _name(self, kind: str, value: str) -> str:
        return self._seen.setdefault(value, f"{kind} {len(self._seen)}")


def _personal(told: Transcript, names: Names) -> None:
    ann = names.ann
    told.call("credits.get_balance", user_id=ann)
    told.call("credits.init_balance", user_id=ann)
    told.call("credits.init_balance", user_id="")
    debit = {"user_id": ann, "app_id": "chat", "description": "One answer"}
    told.call("credits.use_credits", **debit, amount=1)
    told.call("credits.grant_credits", user_id=ann, amount=100, reason="bonus", reference_id="r1")
    told.call("credits.grant_credits", user_id=ann, amount=100, reason="bonus", reference_id="r1")
    used = told.call("credits.use_credits", **debit, amount=Decimal("1.5"), idempotency_key="k1")
    told.call("credits.use_credits", **debit, amount=Decimal("1.5"), idempotency_key="k1")
    told.call("credits.use_credits", **debit, amount=2, idempotency_key="k1")
    told.call("credits.use_credits", **debit, amount=-1)
    told.call("credits.use_credits", **debit, amount=1000)
    told.call(
        "credits.use_credits", **debit, amount=1, metadata={"model": "small"}, request_id="req-1"
    )
    back = {"user_id": ann, "description": "Sorry", "transaction_id": used["id"]}
    told.call("credits.refund_credits", **back, amount=1, idempotency_key="k2")
    told.call("credits.refund_credits", **back, amount=1, idempotency_key="k2")
    told.call("credits.refund_credits", **back, amount=1)
    told.call("credits.refund_credits", user_id=ann, amount=5, description="A present")
    told.call(
        "credits.refund_credits",
        user_id=ann,
        amount=1,
        description="No",
        transaction_id=UUID(int=1),
    )
    told.call("credits.get_balance", user_id=ann)
    told.call("credits.get_balance", user_id=ann, at=datetime.now().astimezone())
    told.all("credits.get_balances", user_ids=[ann, names.bob, ann])
    told.all("credits.list_transactions", user_id=ann)
    told.all("credits.list_transactions", user_id=ann, type="usage", limit=1)
    told.call("credits.list_transactions", user_id=ann, type="nonsense")
    told.call("credits.end_of_page", user_id=ann, rows=2)
    told.all("credits.list_usage", user_id=ann)
    for amount in (1, 1000):
        told.call("credits.explain_use", user_id=ann, amount=amount, app_id="chat")
    for _ in range(3):
        told.call("credits.set_low_balance_alert", user_id=ann, threshold=50)
    told.call("credits.get_low_balance_alert", user_id=ann)
    told.call("credits.limits_time_zone")


def _batches(told: Transcript, names: Names) -> None:
    bob, ann = names.bob, names.ann
    told.call("credits.grant_credits", user_id=bob, amount=50, reason="bonus", reference_id="r1")
    told.all(
        "credits.use_credits_batch",
        user_ids=[ann, bob, ann, f"{ann}-unknown", bob, ann, ann],
        amounts=[1, 2, 3, 1, 1000, 4, 4],
        app_ids=["chat"] * 7,
        descriptions=["One answer"] * 7,
        idempotency_keys=[None, "b1", "b2", None, None, "k1", "b2"],
    )
    told.all(
        "credits.use_credits_batch",
        user_ids=[ann, None, "", bob],
        amounts=[1, 1, 1, 1],
        app_ids=["chat"] * 4,
        descriptions=["One answer"] * 4,
        request_ids=["req-2"] * 4,
        metadata=[Jsonb({"model": "small"}), None, None, None],
    )
    told.all(
        "credits.use_credits_batch",
        user_ids=[ann],
        amounts=[1, 2],
        app_ids=["chat"],
        descriptions=["One"],
    )


def _prices(told: Transcript, names: Names) -> None:
    told.owner.execute(
        """
        insert into credits.prices (operation, app_id, unit, unit_price, per)
        select 'answer', 'chat', 'token', 0.5, 10
        where not exists (select from credits.prices)
        """
    )
    items = Jsonb([{"operation": "answer", "quantity": 25}])
    told.call("credits.quote", user_id=names.ann, items=items, app_id="chat")
    told.all("credits.list_prices")
    charge = {"user_id": names.ann, "amount": None, "app_id": "chat", "description": "Priced"}
    told.call("credits.use_credits", **charge, items=items, idempotency_key="i1")
    told.call("credits.use_credits", **charge, items=items, idempotency_key="i1")
    told.call("credits.use_credits", **charge, items=items, expected_amount=7)
    told.call("credits.use_credits", **charge, items=Jsonb([{"operation": "nothing"}]))
    told.all("credits.list_usage_by_operation", user_id=names.ann)
    told.look(
        "select * from credits.reprice('2020-01-01', '2090-01-01', now()) "
        "order by app_id, operation"
    )


def _lots(told: Transcript, names: Names) -> None:
    ann = names.ann
    grant = {"user_id": ann, "amount": 10, "reason": "bonus"}
    for reference, expires_at in (("l1", "2090-01-01"), ("l2", "2080-01-01"), ("l3", "2000-01-01")):
        told.call("credits.grant_credits", **grant, reference_id=reference, expires_at=expires_at)
    debit = {"user_id": ann, "app_id": "chat", "description": "One answer"}
    used = told.call("credits.use_credits", **debit, amount=7)
    told.call("credits.use_credits", **debit, amount=8)
    told.call(
        "credits.refund_credits",
        user_id=ann,
        amount=3,
        description="Back",
        transaction_id=used["id"],
    )
    told.call("credits.get_balance", user_id=ann)
    told.owner.execute("update credits.settings set limits_time_zone = 'Europe/Berlin'")
    told.look(
        "select granted, remaining from credits.lots where account_id = %s order by expires_at", ann
    )
    told.call("credits.explain_use", user_id=ann, amount=10000, app_id="chat")


def _holds(told: Transcript, names: Names) -> None:
    ann = names.ann
    reserve = {"user_id": ann, "reason": "A long answer", "app_id": "chat"}
    first = told.call("credits.reserve_credits", **reserve, amount=20, idempotency_key="h1")
    told.call("credits.reserve_credits", **reserve, amount=20, idempotency_key="h1")
    told.call("credits.reserve_credits", **reserve, amount=100000)
    hold = {"reservation_id": first["reservation_id"]}
    told.call("credits.account_of_hold", **hold)
    told.call("credits.extend_reservation", **hold, expires_in_seconds=100)
    told.call("credits.commit_reservation", **hold, amount=30)
    told.call("credits.commit_reservation", **hold, amount=12)
    told.call("credits.commit_reservation", **hold, amount=12)
    told.call("credits.release_reservation", **hold)
    second = told.call("credits.reserve_credits", **reserve, amount=5)
    hold = {"reservation_id": second["reservation_id"]}
    told.call("credits.release_reservation", **hold)
    told.call("credits.release_reservation", **hold)
    told.call("credits.commit_reservation", **hold)
    told.call("credits.release_reservation", reservation_id=UUID(int=2))
    taken = told.call("credits.reserve_credits", **reserve, amount=6)
    hold = {"reservation_id": taken["reservation_id"]}
    told.call("credits.capture_reservation", **hold, amount=2, idempotency_key="c1")
    told.call("credits.capture_reservation", **hold, amount=2, idempotency_key="c1")
    told.call("credits.capture_reservation", **hold, amount=9, idempotency_key="c2")
    told.call("credits.get_reservation", **hold)
    told.call("credits.commit_reservation", **hold, amount=1)
    items = Jsonb([{"operation": "answer", "quantity": 25}])
    priced = told.call("credits.reserve_credits", **reserve, amount=None, items=items)
    hold = {"reservation_id": priced["reservation_id"]}
    told.call("credits.capture_reservation", **hold, items=items, expected_amount=9)
    told.call("credits.commit_reservation", **hold, items=items)
    third = told.call("credits.reserve_credits", **reserve, amount=5, expires_in_seconds=1)
    told.owner.execute("select pg_sleep(1.1)")
    told.call("credits.get_balance", user_id=ann)
    told.call("credits.expire_due")
    told.call("credits.commit_reservation", reservation_id=third["reservation_id"])
    told.call("credits.get_balance", user_id=ann)


def _pools(told: Transcript, names: Names) -> None:
    ann, bob, guild = names.ann, names.bob, names.guild
    told.call("credits.get_guild_balance", organization_id=guild)
    fund = {"user_id": ann, "organization_id": guild, "amount": 40}
    told.call("credits.fund_guild_pool", **fund)
    told.call("credits.init_guild_pool", organization_id=guild)
    told.call("credits.init_guild_pool", organization_id=names.other_guild)
    told.call("credits.fund_guild_pool", **fund, idempotency_key="f1")
    told.call("credits.fund_guild_pool", **fund, idempotency_key="f1")
    told.call("credits.fund_guild_pool", **{**fund, "amount": 100000})
    told.call("credits.fund_guild_pool", **{**fund, "user_id": bob, "amount": 1})
    told.call("credits.set_spending_limits", organization_id=guild, user_id=bob, daily_limit=10)
    told.call("credits.get_spending_limits", organization_id=guild, user_id=bob)
    debit = {"organization_id": guild, "app_id": "chat", "description": "One answer"}
    used = told.call("credits.use_guild_credits", **debit, user_id=bob, amount=6)
    told.call("credits.use_guild_credits", **debit, user_id=bob, amount=6)
    told.call("credits.use_guild_credits", **debit, user_id=ann, amount=6, idempotency_key="u1")
    told.call("credits.use_guild_credits", **debit, user_id=ann, amount=6, idempotency_key="u1")
    told.call("credits.use_guild_credits", **debit, user_id=ann, amount=600)
    told.call(
        "credits.refund_credits",
        user_id=bob,
        amount=2,
        description="Back",
        transaction_id=used["id"],
    )
    told.all(
        "credits.use_guild_credits_batch",
        organization_ids=[guild, guild, names.other_guild, guild],
        user_ids=[ann, bob, ann, ann],
        amounts=[1, 1, 1, 1000],
        app_ids=["chat"] * 4,
        descriptions=["One answer"] * 4,
    )
    told.call("credits.get_spending", organization_id=guild, user_id=bob)
    told.call("credits.get_spending", organization_id=guild, user_id=ann)
    told.call("credits.get_guild_balance", organization_id=guild)
    told.all("credits.list_guild_transactions", organization_id=guild)
    told.call("credits.explain_use", user_id=bob, amount=7, app_id="chat", guild_id=guild)
    held = told.call(
        "credits.reserve_credits", user_id=ann, amount=3, reason="Long", guild_id=guild
    )
    told.call("credits.commit_reservation", reservation_id=held["reservation_id"], amount=2)
    held = told.call(
        "credits.reserve_credits", user_id=bob, amount=1, reason="Open", guild_id=guild
    )
    told.call("credits.set_low_balance_alert", organization_id=guild, threshold=5)
    told.call("credits.get_low_balance_alert", organization_id=guild)


def _limits(told: Transcript, names: Names) -> None:
    ann, guild = names.ann, names.guild
    told.call("credits.set_limits", user_id=ann, limits=Jsonb([{"dailyLimit": 1000}]))
    limits = {"daily": 100_000, "perApp": {"quiz": {"daily": 2}}}
    told.all("credits.set_limits", user_id=ann, limits=Jsonb(limits))
    quiz = {"user_id": ann, "app_id": "quiz", "description": "A question"}
    told.call("credits.use_credits", **quiz, amount=1)
    told.call("credits.use_credits", **quiz, amount=2)
    told.all(
        "credits.use_credits_batch",
        user_ids=[ann, ann],
        amounts=[1, 1],
        app_ids=["quiz"] * 2,
        descriptions=["A question"] * 2,
    )
    told.all("credits.get_limits", user_id=ann)
    told.call("credits.set_guild_limits", organization_id=guild, monthly_limit=1000)
    told.all("credits.get_guild_limits", organization_id=guild)
    told.call("credits.freeze_account", user_id=ann, reason="Stolen")
    debit = {"user_id": ann, "amount": 1, "app_id": "chat", "description": "One answer"}
    told.call("credits.use_credits", **debit)
    told.call("credits.unfreeze_account", user_id=ann)
    told.call("credits.use_credits", **debit)
    told.call("gifts.riddle_salt", code="ABCDEFGHJK", user_id=ann)


def _desk(told: Transcript, names: Names) -> None:
    ann, bob, guild = names.ann, names.bob, names.guild
    act = {"admin": f"{ann}-support", "reason": "Asked for it"}
    told.call("credits.admin_account", user_id=ann)
    told.call("credits.admin_find", query=ann)
    told.call("credits.admin_find", query="req-1")
    for key in ("d1", "d1", "k1"):
        told.call("credits.admin_grant", **act, user_id=ann, amount=5, idempotency_key=key)
    told.call(
        "credits.admin_grant", **{**act, "admin": ann}, user_id=ann, amount=5, idempotency_key="d2"
    )
    told.call("credits.admin_take", **act, user_id=ann, amount=2, idempotency_key="d3")
    told.call("credits.admin_take", **act, user_id=ann, amount=100000, idempotency_key="d4")
    debit = {"app_id": "chat", "description": "One answer", "amount": 2}
    used = told.call("credits.use_credits", **debit, user_id=ann)
    told.call("credits.admin_refund", **act, transaction_id=used["id"], idempotency_key="d5")
    used = told.call("credits.use_guild_credits", **debit, organization_id=guild, user_id=ann)
    told.call("credits.admin_find", query=str(used["id"]))
    for key in ("d6", "d6", "d7"):
        told.call("credits.admin_refund", **act, transaction_id=used["id"], idempotency_key=key)
    told.call("credits.admin_refund", **act, transaction_id=UUID(int=6), idempotency_key="d8")
    held = told.call("credits.reserve_credits", user_id=ann, amount=3, reason="Long")
    told.call(
        "credits.admin_release", **act, reservation_id=held["reservation_id"], idempotency_key="d9"
    )
    gift = told.call("gifts.create_gift", creator_id=ann, total_credits=2)
    told.call("credits.admin_find", query=gift["code"])
    for key in ("d10", "d10", "d11"):
        told.call("credits.admin_cancel_gift", **act, gift_id=gift["id"], idempotency_key=key)
    for frozen, key in ((True, "d12"), (False, "d13")):
        told.call("credits.admin_freeze", **act, user_id=ann, frozen=frozen, idempotency_key=key)
        told.call("credits.use_credits", **debit, user_id=ann)
    told.call(
        "credits.admin_take", **{**act, "admin": bob}, user_id=ann, amount=1, idempotency_key="d14"
    )
    told.call("credits.get_balance", user_id=ann)
    told.all("credits.admin_list_actions", user_id=ann)
    told.all("credits.admin_list_actions", admin=f"{ann}-support", limit=3)
    key = f"{ann}-sale"
    sold = told.call(
        "credits.admin_set_package",
        **act,
        name="Large",
        credits=900,
        price_euro_cents=799,
        idempotency_key=key,
    )
    told.call(
        "credits.admin_set_package",
        **act,
        package_id=UUID(sold["after"]["id"]),
        active=False,
        idempotency_key=f"{key}-2",
    )
    price = {"operation": f"{ann}-answer", "unit_price": 2}
    told.call("credits.admin_set_price", **act, **price, idempotency_key=f"{key}-3")
    told.call("credits.admin_set_price", **act, **price, idempotency_key=f"{key}-3")
    told.call(
        "credits.admin_set_price",
        **act,
        **price,
        valid_from="2020-01-01",
        idempotency_key=f"{key}-4",
    )
    told.all("credits.admin_list_prices", operation=f"{ann}-answer")
    shop = f"{ann}-shop"
    for key in ("k1", "k1", "k2"):
        told.call(
            "credits.admin_make_service_key", **act, name=shop, idempotency_key=f"{ann}-{key}"
        )
    told.call("credits.admin_revoke_service_key", **act, name=shop, idempotency_key=f"{ann}-k3")
    told.keys_of(shop)
    told.look("select * from reconcile.broken_acts")


def _import(told: Transcript, names: Names) -> None:
    # Ids of their own beside those of the walk, which lie anywhere.
    person, pool = f"{names.ann}-moved", f"{names.guild}-moved"
    for account_id, kind in ((person, "person"), (person, "person"), (pool, "pool")):
        told.bring("credits.import_account", account_id=account_id, kind=kind, amount=50)
    told.bring(
        "credits.import_account",
        account_id=person,
        kind="person",
        amount=0,
        reference_id="welcome",
        description="Granted before",
    )
    told.call(
        "credits.grant_credits", user_id=person, amount=5, reason="bonus", reference_id="welcome"
    )
    told.bring(
        "credits.import_usage", organization_id=pool, user_id=person, day="2026-01-02", amount=4
    )
    held = uuid5(NAMESPACE_URL, person)
    told.bring(
        "credits.import_hold",
        user_id=person,
        reservation_id=held,
        amount=6,
        reason="Long",
        app_id="chat",
        expires_at="2090-01-01",
    )
    told.call("credits.commit_reservation", reservation_id=held, amount=4)
    code = "".join(
        _LETTERS[byte % len(_LETTERS)] for byte in uuid5(NAMESPACE_URL, person).bytes[:6]
    )
    told.bring(
        "gifts.import_gift",
        code=code,
        creator_id=person,
        creator_name=None,
        type="split",
        credits_per_portion=2,
        total_portions=3,
        claimed_portions=1,
        target_email=None,
        target_matrix_id=None,
        riddle_question=None,
        riddle_hash=None,
        message=None,
        expires_at="2090-01-01",
        created_at="2025-01-01",
    )
    told.call("gifts.redeem_gift", code=code, user_id=names.bob)
    told.call("credits.get_balance", user_id=person)
    told.call("credits.erase_user", user_id=person)
    told.bring("credits.import_account", account_id=person, kind="person", amount=50)


def _gifts(told: Transcript, names: Names) -> None:
    ann, bob = names.ann, names.bob
    first = told.call(
        "gifts.create_gift",
        creator_id=ann,
        total_credits=6,
        total_portions=2,
        idempotency_key="g1",
        message="For you",
    )
    told.call(
        "gifts.create_gift",
        creator_id=ann,
        total_credits=6,
        total_portions=2,
        idempotency_key="g1",
        message="For you",
    )
    told.call("gifts.create_gift", creator_id=ann, total_credits=9999)
    told.call("gifts.get_gift", code=first["code"])
    told.call("gifts.get_gift", code=first["code"], address="192.0.2.1")
    told.call("gifts.redeem_gift", code=first["code"], user_id=bob)
    told.call("gifts.redeem_gift", code=first["code"], user_id=bob)
    told.call("gifts.redeem_gift", typed=True, code="ABCDEFGHJK", user_id=bob)
    told.all("gifts.list_created_gifts", user_id=ann)
    told.all("gifts.list_received_gifts", user_id=bob)
    told.call("gifts.cancel_gift", gift_id=first["id"], creator_id=ann)
    told.call("gifts.cancel_gift", gift_id=first["id"], creator_id=ann)
    riddle = told.call(
        "gifts.create_gift",
        creator_id=ann,
        total_credits=2,
        riddle_question="2 + 2",
        riddle_answer="four",
    )
    told.call(
        "gifts.redeem_gift", typed=True, code=riddle["code"], user_id=bob, riddle_answer="five"
    )
    told.call(
        "gifts.redeem_gift", typed=True, code=riddle["code"], user_id=bob, riddle_answer="Four"
    )
    address = f"{bob}@example.org".replace(":", "")
    told.call("gifts.create_gift", creator_id=ann, total_credits=3, target_email=address)
    told.call("gifts.redeem_pending_gifts", user_id=bob, email=address)
    told.call("gifts.redeem_pending_gifts", user_id=bob, email=address)
    due = told.call("gifts.create_gift", creator_id=ann, total_credits=4)
    told.owner.execute(
        "update gifts.gift_codes set expires_at = '2020-01-01' where code = %s", (due["code"],)
    )
    told.call("gifts.expire_gifts")
    told.call("gifts.create_gift", creator_id=ann, total_credits=1)
    told.call("credits.get_balance", user_id=ann)


def _purchases(told: Transcript, names: Names) -> None:
    bob = names.bob
    packages = told.all("credits.list_packages")
    package = {"user_id": bob, "package_id": packages[0]["id"]}
    begun = told.call("credits.begin_purchase", **package, idempotency_key="p1")
    told.call("credits.begin_purchase", **package, idempotency_key="p1")
    told.call("credits.begin_purchase", user_id=bob, package_id=UUID(int=3))
    purchase = {"user_id": bob, "purchase_id": begun["purchase_id"]}
    told.call(
        "credits.save_stripe_customer",
        user_id=bob,
        stripe_customer_id=f"cus_{bob}",
        email="bob@example.org",
        purchase_id=begun["purchase_id"],
    )
    told.call(
        "credits.attach_payment",
        **purchase,
        stripe_payment_intent_id=f"pi_{bob}",
        stripe_customer_id=f"cus_{bob}",
    )
    told.call("credits.fail_purchase", **purchase, status="processing")
    told.all("credits.list_purchases_to_compare", what="unsettled")
    paid = {"amount_cents": begun["price_euro_cents"], "currency": "eur"}
    told.call("credits.complete_purchase", **purchase, amount_cents=1, currency="eur")
    told.call("credits.complete_purchase", **purchase, **paid, stripe_payment_intent_id=f"pi_{bob}")
    told.call("credits.complete_purchase", **purchase, **paid)
    told.call("credits.find_purchase", stripe_payment_intent_id=f"pi_{bob}")
    told.call("credits.list_purchases", **purchase)
    told.call("credits.list_purchases", user_id=bob, purchase_id=UUID(int=4))
    told.all("credits.list_purchases", user_id=bob)
    told.call("credits.record_reversal", **purchase, cents=100)
    told.call("credits.record_reversal", **purchase, cents=100)
    dispute = {**purchase, "stripe_dispute_id": "dp_1", "cents": 200}
    for status in ("open", "won"):
        told.call("credits.record_reversal", **dispute, status=status)
        told.all("credits.list_open_disputes")
    told.all("credits.list_purchases_to_compare", what="refunded")
    told.all("credits.list_purchases_to_compare", what="completed", since="2020-01-01")
    told.call("credits.use_credits", user_id=bob, amount=500, app_id="chat", description="All")
    told.call("credits.record_reversal", **purchase, cents=begun["price_euro_cents"])
    told.call("credits.get_balance", user_id=bob)


def _caps(told: Transcript, names: Names) -> None:
    told.owner.execute(
        """
        insert into credits.service_caps (caller, operations, max_amount, max_amount_per_day)
        values ('capped', '{use, use_guild}', 5, 6)
        """
    )
    debit = {"user_id": names.ann, "app_id": "chat", "description": "One", "caller": "capped"}
    for amount in (6, 4, 4):
        told.call("credits.use_credits", **debit, amount=amount)
    told.call("credits.explain_use", user_id=names.ann, amount=4, app_id="chat", caller="capped")
    told.all(
        "credits.use_credits_batch",
        user_ids=[names.ann, names.bob],
        amounts=[1, 9],
        app_ids=["chat"] * 2,
        descriptions=["One"] * 2,
        caller="capped",
    )
    told.call("credits.init_balance", user_id=names.ann, caller="capped")
    told.owner.execute("delete from credits.service_caps where caller = 'capped'")


def _events(told: Transcript, names: Names) -> None:
    types = ["balance.changed", "balance.low", "gift.redeemed", "purchase.completed"]
    told.administer("credits.register_consumer", consumer="shop", types=types, login="test_api")
    told.administer(
        "credits.register_webhook",
        consumer="hook",
        url="http://127.0.0.1:1/x",
        types=["gift.redeemed"],
    )
    debit = {"user_id": names.ann, "app_id": "chat", "description": "One answer"}
    for _ in range(3):
        told.call("credits.use_credits", **debit, amount=1)
    told.call(
        "credits.use_guild_credits",
        organization_id=names.guild,
        user_id=names.bob,
        amount=1,
        app_id="chat",
        description="One",
    )
    gift = told.call("gifts.create_gift", creator_id=names.ann, total_credits=1)
    told.call("gifts.redeem_gift", code=gift["code"], user_id=names.bob)
    told.all(
        "credits.use_credits_batch",
        user_ids=[names.ann, names.ann],
        amounts=[1, 1],
        app_ids=["chat"] * 2,
        descriptions=["One"] * 2,
    )
    told.call("credits.order_events")
    read = told.api.execute(
        "select * from credits.read_events('shop') order by user_id, organization_id, position"
    ).fetchall()
    by_account: dict[str, list[Any]] = {}
    for event in read:
        by_account.setdefault(event["organization_id"] or event["user_id"], []).append(
            (event["type"], event["data"].get("balance"), event["data"].get("amount"))
        )
    told.answers.append(Answer("events", dict(sorted(by_account.items()))))
    told.called.add("credits.read_events")
    last = max(event["position"] for event in read)
    told.call("credits.ack_events", consumer="shop", position=last)
    told.call("credits.read_events", consumer="nobody")
    told.call("credits.claim_webhooks", limit=10, seconds=1)
    told.call("credits.release_webhook", consumer="hook", claim=UUID(int=5))
    told.call("credits.trim_events")
    told.administer("credits.drop_consumer", consumer="shop")
    told.administer("credits.drop_consumer", consumer="hook")


def _books(told: Transcript, names: Names) -> None:
    told.call("credits.seal")
    told.call("credits.seal")
    heads = told.owner.execute(
        "select jsonb_agg(to_jsonb(h)) as heads from credits.export_seals() h"
    ).fetchone()
    assert heads is not None
    told.answers.append(Answer("seals", len(heads["heads"])))
    told.look("select * from credits.compare_seals(%s)", Jsonb(heads["heads"]))
    told.look(
        "select user_id, balance, total_earned, total_spent, reserved, version "
        'from credits.balances order by user_id collate "C"'
    )
    told.look(
        "select organization_id, balance from credits.guild_pools "
        'order by organization_id collate "C"'
    )
    told.look("select total from credits.holdings")
    for scope in ("full", "new"):
        told.look(
            "select check_name, discrepancies, sample from credits.reconcile(p_scope => %s) "
            "where discrepancies > 0 and check_name <> 'protection_off' order by check_name",
            scope,
        )


def _jobs(told: Transcript, names: Names) -> None:
    told.call("credits.claim_job", name="exercise", seconds=100)
    told.call("credits.end_job", name="exercise")
    told.call("credits.claim_job", name="exercise", seconds=100)
    told.call("credits.claim_measurement")
    told.call("credits.measure")
    told.look(
        "select metric, label from credits.get_metrics() "
        "where metric <> 'reconciliation_age_seconds' order by metric, label"
    )
    told.called.add("credits.get_metrics")
    # Their number depends on how long the walk took.
    told.api.execute("select credits.expire_attempts()")
    told.called.add("credits.expire_attempts")
    told.call("credits.erasure_is_due")
    told.call("credits.continue_erasure")


def _erasure(told: Transcript, names: Names) -> None:
    told.call(
        "credits.set_spending_limits", organization_id=names.guild, user_id=names.bob, daily_limit=0
    )
    told.call("credits.erase_user", user_id=names.bob, email="bob@example.org")
    told.call("credits.erase_user", user_id=names.bob)
    told.call("credits.get_balance", user_id=names.bob)
    told.look("select count(*) from credits.entries where account_id = %s", names.bob)
    told.look("select count(*) from credits.entries where other_id = %s", names.bob)
    told.look("select count(*) from gifts.gift_redemptions where redeemer_user_id = %s", names.bob)
    told.call("credits.erase_user", user_id=names.ann)
    # Rows that are still known of those who are gone.
    told.call("credits.grant_credits", user_id=names.ann, amount=1, reason="new", reference_id="r1")
    told.call("credits.grant_credits", user_id=names.ann, amount=9, reason="new", reference_id="r9")
    debit = {"app_id": "chat", "description": "One answer", "amount": 1}
    told.call("credits.use_credits", **debit, user_id=names.ann, idempotency_key="k1")
    told.call("credits.use_credits", **debit, user_id=names.ann, idempotency_key="k9")
    pool = {**debit, "organization_id": names.guild}
    told.call("credits.use_guild_credits", **pool, user_id=names.ann, idempotency_key="u1")
    told.call("credits.use_guild_credits", **pool, user_id=names.bob)
    told.call("credits.erase_user", user_id=f"{names.ann}-support")
    told.all("credits.admin_list_actions", admin=f"{names.ann}-support")
    told.look("select * from reconcile.broken_acts")
    told.all("credits.list_customer_deletions")
    told.call("credits.confirm_customer_deletion", stripe_customer_id=f"cus_{names.bob}")
    for scope in ("full", "new"):
        told.look(
            "select check_name, discrepancies, sample from credits.reconcile(p_scope => %s) "
            "where discrepancies > 0 and check_name <> 'protection_off' order by check_name",
            scope,
        )


Parts = tuple[Callable[[Transcript, Names], None], ...]
PARTS: Parts = (
    _personal,
    _prices,
    _batches,
    _lots,
    _holds,
    _pools,
    _limits,
    _desk,
    _import,
    _gifts,
    _purchases,
    _caps,
    _events,
    _books,
    _jobs,
    _erasure,
)


# Those that no job of the coordinator's has a part in.
OF_ACCOUNTS: Parts = (_personal, _prices, _batches, _lots, _pools, _limits, _gifts, _caps)
