"""The story: what happens on that day, in order."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import psycopg

from demo.callers import Answer, Caller, Person, at_once, checked
from demo.clock import Clock
from demo.errors import DemoError
from demo.narrator import Narrator
from demo.plot import Event
from sandbox.demo import PACKAGES
from sandbox.stack import Stack

GUILD, POOL = "studio", "The guild's pool"
LIMITS = {"Ben": 40, "Cleo": 25}

_SHOP = "http://localhost:3000"
_SMALL, _MEDIUM, _LARGE = PACKAGES
_PATIENCE_SECONDS = 20.0

_INSERT_PRICE = """
    insert into credits.prices (operation, app_id, unit, unit_price, per, step, minimum)
    values (%s, 'chat', %s, %s, %s, %s, %s)
"""
_PRICES = (
    ("answer", "token", Decimal("0.5"), 1000, 100, Decimal("0.1")),
    ("picture", "picture", 2, 1, 1, 0),
)
_INSERT_CAP = "insert into credits.service_caps (caller, max_overrun) values ('default', 10)"

Item = dict[str, str | int]


class Day:
    """Ada, who owns a guild, Ben and Cleo, who work in it, their apps, and Eve of support."""

    def __init__(self, stack: Stack, clock: Clock, narrator: Narrator) -> None:
        self._stack = stack
        self._clock = clock
        self._narrator = narrator
        self.events: list[Event] = []
        self.refusals: list[Event] = []
        self.ada, self.ben, self.cleo = (self._person(name) for name in ("Ada", "Ben", "Cleo"))
        self.people = {person.id: person.name for person in (self.ada, self.ben, self.cleo)}
        stack.issuer.set_member(GUILD, self.ada.id, "owner")
        for member in (self.ben, self.cleo):
            stack.issuer.set_member(GUILD, member.id)
        key = {"X-Service-Key": stack.issuer.service_key, "X-App-Id": "chat"}
        self._chat = Caller(stack.api_url, key, narrator)
        self._eve = self._person("Eve", role="admin")
        self._run = self._charge = ""

    def play(self, before_each: Callable[[], None]) -> None:
        """Play all scenes. Raises DemoError if an answer is another than the story has it."""
        for scene in SCENES:
            before_each()
            self._clock.move_to(scene.moment)
            self._narrator.scene(scene.moment, scene.sentence)
            scene.happens(self)

    # The morning

    def price_list(self) -> None:
        """A DBA inserts what operations cost."""
        with psycopg.connect(self._stack.admin_database) as connection:
            connection.cursor().executemany(_INSERT_PRICE, _PRICES)
        shown = ("operation", "unitPrice", "per", "unit", "step", "minimum")
        prices = self._chat.call("GET", "/credits/prices")
        told = [{name: price[name] for name in shown} for price in prices]
        self._narrator.answer("GET /credits/prices", 200, told)

    def ada_buys(self) -> None:
        """Ada buys 550 credits."""
        self._note("Ada", "07:30", "buys 550")
        self._buy(self.ada, str(_MEDIUM.id))
        self._tell_balance(self.ada)

    def bonuses(self) -> None:
        """Ben and Cleo get credits that end with the day, once however often the job runs."""
        for name in ("Ben", "Cleo"):
            self._note(name, "08:00", "bonus of 20")
        for person in (self.ben, self.cleo) * 2:
            self._chat.call(
                "POST",
                "/internal/credits/grant",
                show=("alreadyGranted", "newBalance"),
                userId=person.id,
                amount=20,
                reason="bonus",
                referenceId=f"bonus-{person.id}",
                expiresAt=self._clock.at("24:00").isoformat(),
            )

    def team_budget(self) -> None:
        """Ada funds the guild and sets limits."""
        self._note("Ada", "08:30", "funds the guild")
        self._note(POOL, "08:30", "200 from Ada")
        self._chat.call("POST", "/internal/guild-pool/init", organizationId=GUILD)
        self.ada.call(
            "POST",
            f"/credits/guild/{GUILD}/fund",
            show=("personalBalance", "poolBalance"),
            amount=200,
            idempotencyKey=_key(),
        )
        for member in (self.ben, self.cleo):
            self.ada.call(
                "PUT",
                f"/credits/guild/{GUILD}/members/{member.id}/limits",
                show=("dailyLimit",),
                dailyLimit=LIMITS[member.name],
            )

    def answer(self) -> None:
        """An app holds 4 credits and needs 1.25."""
        self._note("Ben", "09:00", "questions")
        hold = self._hold(self.ben, 4)
        self._settle("commit", hold, ("committed", "released"), amount=1.25)
        self._tell_balance(self.ben)

    def double_tap(self) -> None:
        """Five times the same call at once."""
        key = _key()

        def tap(_: int) -> Answer:
            return checked(
                self.ben.ask(
                    "POST",
                    "/credits/use",
                    amount=2,
                    appId="chat",
                    description="One picture",
                    idempotencyKey=key,
                ),
                200,
            )

        answers = at_once(5, tap)
        rows = {answer.body["transaction"]["id"] for answer in answers}
        _must_be(len(rows), 1)
        self._narrator.remark(f"5 answers of 200, {len(rows)} row in the ledger.")
        self._tell_balance(self.ben)

    def model_fails(self) -> None:
        """An app releases what it held."""
        hold = self._hold(self.ben, 6)
        self._settle("refund-reservation", hold, ("success", "balance"))

    def charge_by_items(self) -> None:
        """An app asks what items cost, and charges exactly that."""
        self._note("Ben", "10:45", "an answer, two pictures")
        items = [_tokens(1230), _pictures(2)]
        quoted = self.ben.call("POST", "/credits/quote", show=("amount", "allowed"), items=items)
        used = self._use_items(self.ben, items, expectedAmount=quoted["amount"])
        self._charge = used["transaction"]["id"]
        for line in used["charge"]["lines"]:
            self._narrator.remark(
                f"{line['operation']}: {line['quantity']} in steps of {line['step']},"
                f" at {line['unitPrice']} for {line['per']}, come to {line['amount']}."
            )

    # The afternoon

    def work(self) -> None:
        """Ben and Cleo use the pool until Ben's limit stops him."""
        self._note(POOL, "11:00", "Ben and Cleo work")
        for n in range(12):
            self._clock.move_to(f"{11 + n // 3}:{n % 3 * 20:02}")
            self._use_pool(self.ben, 3.5, expect=400 if n == 11 else 200)
            if n % 2 == 0:
                self._use_pool(self.cleo, 3)
        self._narrator.remark("Until then Ben used 3.5 eleven times, and Cleo 3 six times.")
        self.refusals.append(Event("Ben", self._clock.at("14:40"), "refused: 3.5 more"))
        self._tell_spending(self.ben)

    def race(self) -> None:
        """Ten calls at once, and room for seven."""

        def use(_: int) -> Answer:
            return checked(self._try_pool(self.cleo, 1), 200, 400)

        answers = at_once(10, use)
        passed = [answer for answer in answers if answer.status == 200]
        codes = {answer.body["code"] for answer in answers if answer.status == 400}
        _must_be(len(passed), 7)
        self._note(POOL, "16:00", "10 calls at once")
        self.refusals.append(Event("Cleo", self._clock.at("16:00"), "3 of 10 at once refused"))
        self._narrator.remark(f"{len(passed)} pass, {10 - len(passed)} are refused: {codes.pop()}.")
        self._tell_spending(self.cleo)

    # The evening

    def gift(self) -> None:
        """Ada gives; Ben takes a portion, and tries to take another."""
        self._note("Ada", "17:00", "gives 30")
        self._note("Ben", "17:00", "10 of Ada's gift")
        gift = self.ada.call(
            "POST",
            "/gifts",
            expect=201,
            show=("code", "url", "creditsPerPortion", "totalPortions"),
            type="split",
            totalCredits=30,
            totalPortions=3,
            message="Thanks for today!",
            expiresAt=self._clock.at("20:00").isoformat(),
            idempotencyKey=_key(),
        )
        redeem = f"/gifts/{gift['code']}/redeem"
        self.ben.call("POST", redeem, show=("credits", "newBalance", "message", "creatorName"))
        self.ben.call("POST", redeem, expect=400)

    def worker_dies(self) -> None:
        """An app holds credits and is never heard of again."""
        self._note("Cleo", "18:00", "8 on hold, for 15 minutes")
        self._hold(self.cleo, 8, expiresInSeconds=900)
        self._tell_balance(self.cleo)

    def hold_ends(self) -> None:
        """The hold has run out."""
        self._tell_balance(self.cleo)
        _must_be(self.cleo.balance(), 20)

    def gift_ends(self) -> None:
        """The part of the gift that nobody took comes back."""
        self._note("Ada", "20:05", "20 of it back")
        _eventually(lambda: self.ada.balance() == 340)
        self._tell_balance(self.ada)

    def overrun_into_debt(self) -> None:
        """More is used than was held, and more than there is; the cap of the app allows it."""
        self._note("Cleo", "20:30", "6 too much")
        with psycopg.connect(self._stack.admin_database) as connection:
            connection.execute(_INSERT_CAP)
        hold = self._hold(self.cleo, 10)
        self._settle("commit", hold, ("success",), expect=400, amount=26)
        self._settle("commit", hold, ("committed",), amount=26, overrun="debt")
        self._tell_balance(self.cleo)
        _must_be(self.cleo.balance(), -6)

    def too_little(self) -> None:
        """Cleo has too little, buys, and goes on."""
        self._note("Cleo", "21:00", "buys 100")
        self._note("Cleo", "21:30", "a poster")
        poster: dict[str, Any] = {"amount": 30, "appId": "images", "description": "A poster"}
        # A refused call has used up nothing, its key neither.
        poster["idempotencyKey"] = _key()
        self.cleo.call("POST", "/credits/use", expect=402, **poster)
        self._buy(self.cleo, str(_SMALL.id))
        self._tell_balance(self.cleo)
        _must_be(self.cleo.balance(), 94)
        self._clock.move_to("21:30")
        self.cleo.call("POST", "/credits/use", show=("newBalance",), **poster)

    def money_back(self) -> None:
        """Ada buys by mistake; the refund at Stripe takes the credits back."""
        self._note("Ada", "22:00", "buys 100")
        self._note("Ada", "22:45", "money back")
        purchase, session = self._buy(self.ada, str(_SMALL.id))
        self._clock.move_to("22:45")
        self._stack.stripe.refund(str(self._stack.stripe.object(session)["payment_intent"]))
        _eventually(lambda: self.ada.balance() == 340)
        self.ada.call(
            "GET", f"/credits/purchase/{purchase}", show=("refundedCents", "clawedBackCredits")
        )
        self._tell_balance(self.ada)

    def price_to_come(self) -> None:
        """Eve of the support desk sets a price that holds from midnight on."""
        self._desk(
            "prices",
            ("action", "subjectId"),
            operation="picture",
            unitPrice=3,
            validFrom=self._clock.at("24:00").isoformat(),
            reason="The new model costs more",
        )

    def wrong_charge(self) -> None:
        """Eve finds whose a charge is, gives it back, and something more."""
        self._note("Ben", "23:00", "support: 4.65 + 5")
        [found] = self._eve.call("GET", f"/admin/accounts?query={self._charge}")
        self._narrator.remark(f"{self._charge} is a {found['foundBy']} of {found['accountId']}.")
        self._desk(f"transactions/{self._charge}/refund", reason="Ben sent us the grey pictures")
        self._desk("accounts/ben/grant", amount=5, reason="For the trouble")
        self._tell_balance(self.ben)
        acts = self._eve.call("GET", "/admin/actions?account=ben")
        who = {act["admin"] for act in acts}
        self._narrator.remark(f"The desk keeps {len(acts)} acts on Ben's account, by {who.pop()}.")

    def stolen_phone(self) -> None:
        """Eve freezes an account, and lifts it again."""
        self._desk("accounts/cleo/freeze", ("action",), reason="Phone stolen, she says")
        self._use_items(self.cleo, [_pictures(1)], expect=403)
        self._desk("accounts/cleo/unfreeze", ("action",), reason="She has it back")
        self._use_items(self.cleo, [_pictures(1)])

    def agent_begins(self) -> None:
        """An agent gets a budget, and each of its calls takes a part."""
        self._note("Ada", "23:30", "an agent's run")
        self._run = self._hold(self.ada, 20, reason="An agent's run")
        self._capture([_tokens(8000)])
        self._capture([_pictures(2)])
        self._tell_run()

    def next_day(self) -> None:
        """Bonuses have ended, limits begin anew."""
        self._note("Ben", "24:05", "rest of the bonus ends")
        path = "/credits/transactions?type=expiry"
        _eventually(lambda: bool(self.ben.call("GET", path)))
        [expiry] = self.ben.call("GET", path)
        self._narrator.remark(f"Ben's ledger has a row of {expiry['amount']}: {expiry['type']}.")
        self._tell_balance(self.ben)
        self._use_pool(self.ben, 3.5)
        self._narrator.remark("Ben uses 3.5 of the guild's.")
        self._tell_spending(self.ben)

    def agent_ends(self) -> None:
        """The run is charged at the prices of its beginning, which its hold keeps."""
        self._capture([_pictures(1)])
        self._settle("commit", self._run, ("committed", "released"), amount=0.5)
        self._tell_run()
        self._tell_balance(self.ada)

    def price_changed(self) -> None:
        """An app that still shows yesterday's price is told the new one."""
        pictures = [_pictures(1)]
        changed = self._use_items(self.cleo, pictures, expect=409, expectedAmount=2)
        self._use_items(self.cleo, pictures, expectedAmount=changed["details"]["amount"])

    def overrun_of_what_is_there(self) -> None:
        """More is used than was held, and the app is content with what there is."""
        hold = self._hold(self.ben, 10)
        shown = ("committed", "uncollected")
        self._settle("commit", hold, shown, amount=20, overrun="available")
        self._tell_balance(self.ben)

    # Acts that come again and again

    def _note(self, who: str, moment: str, what: str) -> None:
        """Keep a word for the picture of who has what."""
        self.events.append(Event(who, self._clock.at(moment), what))

    def _person(self, name: str, role: str = "user") -> Person:
        token = self._stack.issuer.token(name.lower(), name=name, role=role)
        return Person(name, token, self._stack.api_url, self._narrator)

    def _buy(self, buyer: Person, package: str) -> tuple[str, str]:
        """Let someone buy a package and pay; return the ids of purchase and Checkout Session."""
        begun = buyer.call(
            "POST",
            "/credits/purchase",
            show=("amount", "credits", "checkoutUrl"),
            packageId=package,
            successUrl=f"{_SHOP}/thanks",
            cancelUrl=f"{_SHOP}/shop",
        )
        # The button of Stripe's page.
        httpx.post(f"{begun['checkoutUrl']}/pay", trust_env=False)
        path = f"/credits/purchase/{begun['purchaseId']}"
        _eventually(lambda: buyer.call("GET", path)["status"] == "completed")
        buyer.call("GET", path, show=("status", "credits", "priceEuroCents"))
        return begun["purchaseId"], begun["checkoutUrl"].rsplit("/", 1)[1]

    def _hold(self, person: Person, amount: int, **fields: Any) -> str:
        held = self._chat.call(
            "POST",
            "/internal/credits/reserve",
            show=("balance", "expiresAt"),
            userId=person.id,
            amount=amount,
            idempotencyKey=_key(),
            **{"reason": "One answer", **fields},
        )
        return str(held["reservationId"])

    def _settle(
        self, how: str, hold: str, show: Sequence[str], *, expect: int = 200, **fields: Any
    ) -> None:
        path = f"/internal/credits/{how}"
        self._chat.call("POST", path, expect=expect, show=show, reservationId=hold, **fields)

    def _capture(self, items: list[Item]) -> None:
        shown = ("captured", "remaining")
        self._settle("capture", self._run, shown, items=items, idempotencyKey=_key())

    def _tell_run(self) -> None:
        path = f"/internal/credits/reservation/{self._run}"
        self._chat.call("GET", path, show=("reserved", "captured", "remaining", "status"))

    def _use_items(
        self, person: Person, items: list[Item], *, expect: int = 200, **fields: Any
    ) -> Any:
        return person.call(
            "POST",
            "/credits/use",
            expect=expect,
            show=("newBalance",),
            items=items,
            appId="chat",
            description="A question",
            idempotencyKey=_key(),
            **fields,
        )

    def _desk(self, path: str, show: Sequence[str] = ("action", "amount"), **fields: Any) -> None:
        """Let Eve act, who says why; tell what the desk keeps of it."""
        done = checked(
            self._eve.ask("POST", f"/admin/{path}", idempotencyKey=_key(), **fields), 200
        )
        kept = {name: done.body["action"][name] for name in show}
        self._narrator.answer(done.call, done.status, kept)

    def _try_pool(self, member: Person, amount: float) -> Answer:
        return member.ask(
            "POST",
            f"/credits/guild/{GUILD}/use",
            amount=amount,
            appId="chat",
            description="A question",
            idempotencyKey=_key(),
        )

    def _use_pool(self, member: Person, amount: float, *, expect: int = 200) -> None:
        answer = checked(self._try_pool(member, amount), expect)
        if expect != 200:
            refusal = {name: answer.body[name] for name in ("code", "details")}
            self._narrator.answer(answer.call, answer.status, refusal)

    def _tell_balance(self, person: Person) -> None:
        self._narrator.remark(f"{person.name} has {person.balance():f}.")

    def _tell_spending(self, member: Person) -> None:
        member.call(
            "GET",
            f"/credits/guild/{GUILD}/members/{member.id}/spending",
            show=("spentToday", "dailyLimit", "dailyRemaining"),
        )


@dataclass(frozen=True)
class Scene:
    """Something that happens at a moment of the day."""

    moment: str
    sentence: str
    happens: Callable[[Day], None]


SCENES = (
    Scene("07:10", "A price list: a row for each operation, by a plain insert.", Day.price_list),
    Scene("07:30", "Ada buys a package at Stripe's Checkout.", Day.ada_buys),
    Scene(
        "08:00",
        "Ben and Cleo get a bonus of 20 that ends at midnight. The job that gives it runs twice.",
        Day.bonuses,
    ),
    Scene(
        "08:30",
        "Ada funds the pool of her guild and limits what each member may spend of it.",
        Day.team_budget,
    ),
    Scene(
        "09:00",
        "Ben asks a question. The app holds the most that the answer may cost, and takes what it"
        " did cost.",
        Day.answer,
    ),
    Scene("09:30", "Ben taps five times: one call, five times at once.", Day.double_tap),
    Scene("10:15", "The model is down. The app gives back what it held.", Day.model_fails),
    Scene(
        "10:45",
        "Ben wants an answer and two pictures. The app shows what that costs, and charges that.",
        Day.charge_by_items,
    ),
    Scene(
        "11:00", "Ben and Cleo work with the guild's credits, until Ben is at his limit.", Day.work
    ),
    Scene(
        "16:00",
        "Cleo has 7 left, and ten of her tasks begin at the same moment, 1 credit each.",
        Day.race,
    ),
    Scene(
        "17:00",
        "Ada gives 30 in three portions, open until 20:00. Ben takes one, and tries another.",
        Day.gift,
    ),
    Scene("18:00", "A worker holds 8 of Cleo's credits, and crashes.", Day.worker_dies),
    Scene("18:20", "After 15 minutes the hold has ended, without anybody's help.", Day.hold_ends),
    Scene(
        "20:05",
        "Two portions of the gift were not taken. They come back to Ada by themselves.",
        Day.gift_ends,
    ),
    Scene(
        "20:30",
        "Cleo's answer cost 26, and 10 were held. She has 20; her app may go 10 below zero.",
        Day.overrun_into_debt,
    ),
    Scene(
        "21:00",
        "Cleo wants a poster for 30 and has too little: she buys, which pays her debt first, and"
        " goes on.",
        Day.too_little,
    ),
    Scene(
        "22:00",
        "Ada buys by mistake and gets her money back, and Stripe's webhook takes the credits.",
        Day.money_back,
    ),
    Scene(
        "22:50",
        "Eve of the support desk lets a picture cost 3 from midnight on.",
        Day.price_to_come,
    ),
    Scene(
        "23:00",
        "Ben says that his pictures were grey. Eve finds the charge, gives it back, and 5 more.",
        Day.wrong_charge,
    ),
    Scene(
        "23:15",
        "Cleo's phone is stolen. Eve freezes her account, and lifts that when it is found.",
        Day.stolen_phone,
    ),
    Scene(
        "23:30",
        "An agent works for Ada: 20 are held for its run, and each of its calls takes a part.",
        Day.agent_begins,
    ),
    Scene(
        "24:05",
        "A new day: what is left of the bonuses has ended, and Ben's limit begins anew.",
        Day.next_day,
    ),
    Scene(
        "24:10",
        "Ada's agent goes on, at the prices of its beginning. What is left of the 20 is free.",
        Day.agent_ends,
    ),
    Scene(
        "24:15",
        "Cleo's app shows yesterday's price, and learns before it charges that there is another.",
        Day.price_changed,
    ),
    Scene(
        "24:20",
        "Ben's answer cost 20, 10 were held, and he has 15: this app takes what is there.",
        Day.overrun_of_what_is_there,
    ),
)


def _tokens(quantity: int) -> Item:
    return {"operation": "answer", "quantity": quantity}


def _pictures(quantity: int) -> Item:
    return {"operation": "picture", "quantity": quantity}


def _key() -> str:
    return str(uuid.uuid4())


def _must_be(found: Decimal | int, wanted: int) -> None:
    if found != wanted:
        raise DemoError(f"the story has {wanted} where there is {found}")


def _eventually(condition: Callable[[], bool]) -> None:
    """Wait for what happens by itself. Raises DemoError if it does not."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise DemoError("what should have happened by itself did not")
        time.sleep(0.1)
