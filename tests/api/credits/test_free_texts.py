"""A text that only decorates a movement never stops it; ids and keys do."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.api.described import document
from tests.api.live_api import Caller, Guild, LiveApi, User, at_once, ok, refused, replay_of, unique
from tests.api.service_calls import commit, hold

# Stands in a body for the JSON of a value that no JSON library would write.
HERE = "<here>"

MENDED = "\ufffd"
CUT_EMOJI = rb'"Image: a cat in the rain, painted as Hokusai would ha\ud83d"'

BROKEN = {
    "half an emoji": (CUT_EMOJI, f"Image: a cat in the rain, painted as Hokusai would ha{MENDED}"),
    "the other half": (rb'"a\ude00b"', f"a{MENDED}b"),
    "halves the wrong way round": (rb'"\ude00\ud83d"', MENDED * 2),
    "a half before a whole one": (rb'"\ud83d\ud83d\ude00"', f"{MENDED}\U0001f600"),
    "only looks like a half": (rb'"\\ud83d"', r"\ud83d"),
    "a half after a backslash": (rb'"\\\ud83d"', "\\" + MENDED),
    "bytes of half an emoji": (b'"a\xf0\x9f\x98"', f"a{MENDED}"),
    "NUL": (rb'"a\u0000b"', f"a{MENDED}b"),
    "control characters": (rb'"a\u001b[1m\u007f\u0085"', f"a{MENDED}[1m{MENDED}{MENDED}"),
    "line breaks": (rb'"One\r\n\tanswer"', "One\r\n\tanswer"),
}


def sent(who: Caller, path: str, body: dict[str, Any], raw: bytes) -> httpx.Response:
    """Post a body in which one value is what it is."""
    return who.post(path, json.dumps(body).encode().replace(b'"%s"' % HERE.encode(), raw))


@dataclass
class World:
    """Somebody who can do everything that moves credits."""

    api: LiveApi
    guild: Guild

    @property
    def user(self) -> User:
        return self.guild.owner

    def user_id(self) -> dict[str, Any]:
        return {"userId": self.user.id}


@pytest.fixture(scope="module")
def world(api: LiveApi) -> World:
    guild = api.guild(1000)
    api.fund(guild.owner.id, 10_000)
    return World(api, guild)


USE = {"amount": 0.25, "appId": "chat", "description": HERE}

Kept = Callable[[World, bytes], Any]


def a_use(world: World, raw: bytes) -> Any:
    return ok(sent(world.user, "/credits/use", USE, raw))["transaction"]["description"]


def a_use_of_a_guild(world: World, raw: bytes) -> Any:
    answer = sent(world.user, f"{world.guild.path}/use", USE, raw)
    return ok(answer)["transaction"]["description"]


def a_use_by_a_service(world: World, raw: bytes) -> Any:
    answer = sent(world.api.service, "/internal/credits/use", {**USE, **world.user_id()}, raw)
    return ok(answer)["transaction"]["description"]


def a_refund(world: World, raw: bytes) -> Any:
    answer = sent(world.api.service, "/internal/credits/refund", {**USE, **world.user_id()}, raw)
    return ok(answer)["transaction"]["description"]


def _grant(world: World, raw: bytes, **fields: Any) -> Any:
    body = {"amount": 1, "reason": "bonus", "referenceId": unique("r"), **world.user_id(), **fields}
    ok(sent(world.api.service, "/internal/credits/grant", body, raw))
    return world.user.ledger()[-1]["description"]


def a_grant(world: World, raw: bytes) -> Any:
    return _grant(world, raw, description=HERE)


def a_reason_of_a_grant(world: World, raw: bytes) -> Any:
    return _grant(world, raw, reason=HERE)


def a_reason_of_a_hold(world: World, raw: bytes) -> Any:
    body = {"amount": 1, "reason": HERE, **world.user_id()}
    held = ok(sent(world.api.service, "/internal/credits/reserve", body, raw))
    ok(commit(world.api, held["reservationId"]))
    return world.user.ledger()[-1]["description"]


def a_commit(world: World, raw: bytes) -> Any:
    body = {"reservationId": hold(world.api, world.user.id), "description": HERE}
    ok(sent(world.api.service, "/internal/credits/commit", body, raw))
    return world.user.ledger()[-1]["description"]


def a_message_of_a_gift(world: World, raw: bytes) -> Any:
    body = {"totalCredits": 1, "message": HERE}
    return ok(sent(world.user, "/gifts", body, raw), 201)["message"]


def a_creators_name(world: World, raw: bytes) -> Any:
    gift = ok(sent(world.user, "/gifts", {"totalCredits": 1, "creatorName": HERE}, raw), 201)
    return ok(world.api.user().redeem(gift["code"]))["creatorName"]


MOST_CHARACTERS: dict[Kept, int] = {
    a_use: 1000,
    a_use_of_a_guild: 1000,
    a_use_by_a_service: 1000,
    a_refund: 1000,
    a_grant: 1000,
    a_reason_of_a_grant: 255,
    a_reason_of_a_hold: 1000,
    a_commit: 1000,
    a_message_of_a_gift: 500,
    a_creators_name: 80,
}
each_free_text = pytest.mark.parametrize("text", MOST_CHARACTERS, ids=lambda text: text.__name__)


def test_half_an_emoji_stops_no_charge(api: LiveApi) -> None:
    user = api.user(30)
    body = b'{"description": %s, "amount": 25, "appId": "picture"}' % CUT_EMOJI
    ok(user.post("/credits/use", body))
    assert user.amounts() == [30, -25]


@each_free_text
def test_a_broken_text_is_kept_as_far_as_it_can_be(world: World, text: Kept) -> None:
    for raw, kept in BROKEN.values():
        assert text(world, raw) == kept


@each_free_text
@pytest.mark.parametrize("letter", ["x", "\U0001f600"], ids=ascii)
def test_a_text_that_is_too_long_is_cut_at_a_whole_character(
    world: World, text: Kept, letter: str
) -> None:
    most = MOST_CHARACTERS[text]
    for longer in (0, 1, 3000):
        assert text(world, json.dumps(letter * (most + longer)).encode()) == letter * most


@pytest.mark.parametrize("text", [a_refund, a_grant, a_reason_of_a_hold, a_commit])
def test_a_text_of_a_service_may_be_far_too_long(world: World, text: Kept) -> None:
    assert text(world, json.dumps("x" * 200_000).encode()) == "x" * 1000


@pytest.mark.parametrize(
    ("shape", "field"),
    [("UserUse", "description"), ("Grant", "reason"), ("Reserve", "reason"), ("Give", "message")],
)
def test_the_document_lets_nobody_refuse_a_text_for_its_length(shape: str, field: str) -> None:
    told = json.dumps(document()["components"]["schemas"][shape]["properties"][field])
    assert "string" in told
    assert "maxLength" not in told
    assert "cut after" in told


@pytest.mark.parametrize("value", [b"7", b"[]", b"true", b"{}"])
def test_what_is_no_text_is_refused(api: LiveApi, value: bytes) -> None:
    user = api.user(5)
    answer = sent(user, "/credits/use", USE, value)
    assert refused(answer, 400, "invalid_request") == {"description": "must be a text"}
    assert user.amounts() == [5]


HALF = rb'"a\ud83d"'
STRICT: list[tuple[str, str, dict[str, Any]]] = [
    ("appId", "/credits/use", {}),
    ("idempotencyKey", "/credits/use", {}),
    ("creditSource", "/credits/use", {"creditSource": {"type": "guild", "guildId": HERE}}),
    ("creditSource", "/credits/use", {"creditSource": {"type": HERE}}),
    ("userId", "/internal/credits/use", {}),
    ("appId", "/internal/credits/use", {}),
    ("userId", "/internal/credits/refund", {}),
    ("transactionId", "/internal/credits/refund", {}),
    ("referenceId", "/internal/credits/grant", {}),
    ("guildId", "/internal/credits/reserve", {}),
    ("reservationId", "/internal/credits/commit", {}),
    ("targetMatrixId", "/gifts", {}),
    ("targetEmail", "/gifts", {}),
    ("riddleQuestion", "/gifts", {"riddleAnswer": "2"}),
    ("riddleAnswer", "/gifts", {"riddleQuestion": "1 + 1?"}),
    ("sourceAppId", "/gifts", {}),
    ("packageId", "/credits/purchase", {}),
]


@pytest.mark.parametrize(("field", "path", "more"), STRICT, ids=repr)
@pytest.mark.parametrize("raw", [HALF, rb'"a\u0000b"', b'"\xf0\x9f\x98"'], ids=repr)
def test_ids_and_keys_stay_strict(
    api: LiveApi, field: str, path: str, more: dict[str, Any], raw: bytes
) -> None:
    user = api.user(5)
    body = {
        **USE,
        "description": "d",
        "userId": user.id,
        "reason": "r",
        "referenceId": "r",
        "reservationId": "01900000-0000-7000-8000-000000000001",
        "totalCredits": 1,
        field: HERE,
        **more,
    }
    answer = sent(api.service if "internal" in path else user, path, body, raw)
    assert refused(answer, 400, "invalid_request").keys() == {field}
    assert user.amounts() == [5]


def test_what_is_not_known_may_hold_half_a_character(api: LiveApi) -> None:
    user = api.user(5)
    ok(user.post("/credits/use", b'{"amount":1,"appId":"a","description":"d","\\ud83d":"\\ud83d"}'))
    assert user.amounts() == [5, -1]


def test_a_retry_is_compared_by_what_is_kept(api: LiveApi) -> None:
    user = api.user(5)
    body = {**USE, "idempotencyKey": "k"}
    first = ok(sent(user, "/credits/use", body, rb'"a\ud83d"'))
    assert ok(sent(user, "/credits/use", body, rb'"a\ud83d"')) == replay_of(first)
    assert ok(sent(user, "/credits/use", body, rb'"a\u0000"')) == replay_of(first)
    refused(sent(user, "/credits/use", body, b'"a"'), 409, "idempotency_key_reused")
    assert len(user.amounts()) == 2


def test_many_at_once_are_all_charged(api: LiveApi) -> None:
    """They go together in one statement, and each text is judged by itself."""
    users = [api.user(50) for _ in range(4)]
    texts = [*(raw for raw, _ in BROKEN.values()), json.dumps("x" * 1001).encode()]

    def use(i: int) -> httpx.Response:
        return sent(users[i % 4], "/credits/use", USE, texts[i % len(texts)])

    for answer in at_once(44, use):
        ok(answer)
    assert [len(user.amounts()) for user in users] == [12] * 4


METADATA = {
    "half an emoji": (rb'{"a": "cat\ud83d"}', {"a": f"cat{MENDED}"}),
    "half an emoji in a name": (rb'{"\ud83d": [{"b": "\ude00"}]}', {MENDED: [{"b": MENDED}]}),
    "NUL": (rb'{"a": "\u0000", "\u0000": 1}', {"a": MENDED, MENDED: 1}),
    "only looks like NUL": (rb'{"a": "\\u0000\u0000"}', {"a": rf"\u0000{MENDED}"}),
    "bytes of half an emoji": (b'{"a": "\xf0\x9f"}', {"a": MENDED}),
    "other control characters": (rb'{"a": "\u0001\n"}', {"a": "\x01\n"}),
}


@pytest.mark.parametrize(("raw", "kept"), METADATA.values(), ids=METADATA)
def test_broken_texts_in_metadata_are_mended(
    world: World, raw: bytes, kept: dict[str, Any]
) -> None:
    body = {**USE, "description": "d", "metadata": HERE}
    of_service = {**body, **world.user_id()}
    for who, path, fields in (
        (world.user, "/credits/use", body),
        (world.user, f"{world.guild.path}/use", body),
        (world.api.service, "/internal/credits/use", of_service),
        (world.api.service, "/internal/credits/refund", of_service),
    ):
        assert ok(sent(who, path, fields, raw))["transaction"]["metadata"] == kept


def _of_size(size: int) -> dict[str, str]:
    return {"a": "x" * (size - 8)}


@pytest.mark.parametrize("size", [8193, 65_536])
def test_a_service_may_send_more_metadata_than_a_user(world: World, size: int) -> None:
    metadata = _of_size(size)
    body = {**USE, "description": "d", "metadata": metadata}
    for path in ("/credits/use", f"{world.guild.path}/use"):
        answer = world.user.post(path, body)
        assert answer.status_code == 413 or refused(answer, 400, "invalid_request").keys() == {
            "metadata"
        }
    of_service = {**body, **world.user_id()}
    for path in ("/internal/credits/use", "/internal/credits/refund"):
        answer = world.api.service.post(path, of_service)
        assert ok(answer)["transaction"]["metadata"] == metadata
    ok(commit(world.api, hold(world.api, world.user.id), metadata=metadata))


def test_metadata_of_a_service_may_be_written_in_escapes(world: World) -> None:
    metadata = {"a": "ü" * 32_000}
    body = json.dumps({**USE, **world.user_id(), "metadata": metadata}).encode()
    answer = world.api.service.post("/internal/credits/use", body)
    assert ok(answer)["transaction"]["metadata"] == metadata


def test_more_metadata_than_that_is_refused(world: World) -> None:
    body = {**USE, **world.user_id(), "metadata": _of_size(65_537)}
    answer = world.api.service.post("/internal/credits/use", body)
    assert refused(answer, 400, "invalid_request").keys() == {"metadata"}


def test_8192_bytes_of_metadata_are_taken_from_a_user(api: LiveApi) -> None:
    user = api.user(5)
    metadata = json.dumps(_of_size(8192)).replace(":", " : ").encode()
    ok(sent(user, "/credits/use", {**USE, "metadata": HERE, "description": "d"}, metadata))
    assert user.ledger()[-1]["metadata"] == _of_size(8192)


@pytest.mark.parametrize(("letters", "status"), [(4092, 200), (4093, 400)])
def test_metadata_of_a_user_may_be_written_in_escapes(
    api: LiveApi, letters: int, status: int
) -> None:
    body = json.dumps({**USE, "description": "d", "metadata": {"a": "ü" * letters}})
    assert api.user(5).post("/credits/use", body.encode()).status_code == status


def test_300_ids_fit_into_the_metadata_of_a_service(world: World) -> None:
    ids = [unique("message-with-a-long-name") for _ in range(300)]
    body = {**USE, **world.user_id(), "metadata": {"ids": ids}}
    answer = world.api.service.post("/internal/credits/use", body)
    assert ok(answer)["transaction"]["metadata"] == {"ids": ids}


def test_a_body_of_a_user_may_be_no_larger_than_before(api: LiveApi) -> None:
    answer = api.user(5).use(1, extra="x" * 70_000)
    assert refused(answer, 413, "body_too_large") == {"maxBytes": 65_536}
