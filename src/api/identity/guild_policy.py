"""Who may do what with a guild's pool."""

from api.errors import ApiError, forbidden
from api.identity.membership import Membership

_MANAGERS = frozenset({"owner", "admin"})


def manages(membership: Membership) -> bool:
    """Tell whether this is an owner or admin."""
    return membership.is_member and membership.role in _MANAGERS


def require_member(membership: Membership) -> None:
    """Refuse anyone who is not in the guild: 403 not_a_guild_member."""
    if not membership.is_member:
        raise forbidden("not_a_guild_member", "Only members of the guild may do this")


def require_manager(membership: Membership) -> None:
    """Refuse anyone but owners and admins: 403 not_a_guild_member or guild_role_required."""
    require_member(membership)
    if not manages(membership):
        raise _role_required()


def require_self_or_manager(membership: Membership, caller_id: str, member_id: str) -> None:
    """Refuse a member who is neither the one concerned nor an owner or admin."""
    require_member(membership)
    if caller_id != member_id and not manages(membership):
        raise _role_required()


def _role_required() -> ApiError:
    return forbidden("guild_role_required", "Only the guild's owners and admins may do this")
