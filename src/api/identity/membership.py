"""Membership of guilds, asked of mana-auth, and the rights to a guild's pool that follow from it.

A remembered answer may let somebody in, but refuses nobody: they may have been promoted since, so
mana-auth is asked again first.
"""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from operator import attrgetter
from urllib.parse import quote

import httpx
import msgspec

from api.http.errors import ApiError
from api.identity.mana_auth import UNANSWERED, ask, auth_unavailable

logger = logging.getLogger("api.identity")

MEMBER_PATH = "/api/v1/internal/org/{guild}/member/{user}"

_MOST_REMEMBERED = 10_000

_MANAGERS = frozenset({"owner", "admin"})

# Servers resolve these in a path, encoded or not, and would answer another question.
_DOT_SEGMENTS = frozenset({".", ".."})


class Membership(msgspec.Struct, rename="camel"):
    """The answer of mana-auth about a user and a guild; `role` may be several, with commas."""

    is_member: bool
    role: str | None = None


def manages(membership: Membership) -> bool:
    """Return whether this is an owner or admin."""
    roles = {role.strip() for role in (membership.role or "").split(",")}
    return membership.is_member and not roles.isdisjoint(_MANAGERS)


class Memberships:
    """Asks for memberships; a positive answer is remembered for `ttl` seconds, no other."""

    def __init__(
        self, auth_url: str, service_key: str, client: httpx.AsyncClient, *, ttl: float
    ) -> None:
        self._url = auth_url + MEMBER_PATH
        self._headers = {"X-Service-Key": service_key}
        self._client = client
        self._ttl = ttl
        self._remembered: dict[tuple[str, str], tuple[float, Membership]] = {}

    async def of(
        self,
        guild_id: str,
        user_id: str,
        *,
        enough: Callable[[Membership], bool] = attrgetter("is_member"),
    ) -> Membership:
        """Return what is known about a user and a guild.

        Unless a remembered answer is `enough`, mana-auth is asked.

        Raises:
            ApiError: 503 auth_unavailable: there is no answer, or none that can be understood.
        """
        asked_at = time.monotonic()
        found = self._remembered.get((guild_id, user_id))
        if found is not None and asked_at < found[0] and enough(found[1]):
            return found[1]
        membership = await self._ask(guild_id, user_id)
        self._remembered.pop((guild_id, user_id), None)
        if membership.is_member and self._ttl > 0:
            if len(self._remembered) >= _MOST_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[guild_id, user_id] = (asked_at + self._ttl, membership)
        return membership

    async def _ask(self, guild_id: str, user_id: str) -> Membership:
        if _DOT_SEGMENTS & {guild_id, user_id}:
            return Membership(is_member=False)
        url = self._url.format(guild=quote(guild_id, safe=""), user=quote(user_id, safe=""))
        try:
            return _ANSWER.decode(await ask(self._client, url, self._headers))
        except UNANSWERED as error:
            extra: dict[str, object] = {"reason": type(error).__name__}
            if isinstance(error, httpx.HTTPStatusError):
                extra["status"] = error.response.status_code
                if error.response.status_code == HTTPStatus.NOT_FOUND:
                    return Membership(is_member=False)
            logger.warning("guild membership not known", extra=extra)
            raise auth_unavailable() from error


async def require_member(memberships: Memberships, guild_id: str, user_id: str) -> Membership:
    """Refuse anyone who is not in the guild.

    Raises:
        ApiError: 403 not_a_guild_member, or 503 auth_unavailable.
    """
    return _member(await memberships.of(guild_id, user_id))


async def require_manager(memberships: Memberships, guild_id: str, user_id: str) -> None:
    """Refuse anyone but owners and admins.

    Raises:
        ApiError: 403 not_a_guild_member or guild_role_required, or 503 auth_unavailable.
    """
    if not manages(_member(await memberships.of(guild_id, user_id, enough=manages))):
        raise ApiError("guild_role_required", "Only the guild's owners and admins may do this")


def _member(membership: Membership) -> Membership:
    if not membership.is_member:
        raise ApiError("not_a_guild_member", "Only members of the guild may do this")
    return membership


_ANSWER = msgspec.json.Decoder(Membership)
