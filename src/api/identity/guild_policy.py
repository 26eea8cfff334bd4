"""Rights to a guild's pool, by membership and role.

A remembered answer may let somebody in, but refuses nobody: they may have been promoted since, so
mana-auth is asked again first.
"""

from api.http.errors import ApiError
from api.identity.membership import Membership, Memberships

_MANAGERS = frozenset({"owner", "admin"})


def manages(membership: Membership) -> bool:
    """Return whether this is an owner or admin."""
    return membership.is_member and not membership.roles.isdisjoint(_MANAGERS)


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
