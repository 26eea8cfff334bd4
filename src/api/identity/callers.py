"""The caller of a request, from its headers."""

from starlette.requests import Request

from api.http.errors import ApiError, invalid_request
from api.http.parameters import header_text, is_id
from api.identity.service_keys import Service, ServiceKeys
from api.identity.tokens import Tokens, User
from api.observability.refusals import note_account, note_app, note_service

_ADMIN = "admin"


class Callers:
    """Identifies users and services."""

    def __init__(self, tokens: Tokens, service_keys: ServiceKeys) -> None:
        self._tokens = tokens
        self._service_keys = service_keys

    async def user(self, request: Request) -> User:
        """Return the user whose bearer token the request carries.

        Raises:
            ApiError: 401 unauthenticated or 503 auth_unavailable.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise ApiError("unauthenticated", "A bearer token is needed")
        user = await self._tokens.verify(token.strip())
        note_account(user.id)
        return user

    async def admin(self, request: Request) -> User:
        """Return the user, who has to be an administrator.

        Raises:
            ApiError: 401 unauthenticated, 403 admin_required or 503 auth_unavailable.
        """
        user = await self.user(request)
        if _ADMIN not in user.roles:
            raise ApiError("admin_required", "Only administrators may do this")
        return user

    async def service(self, request: Request) -> Service:
        """Return the service whose key the request carries.

        Raises:
            ApiError: 401 unauthenticated, 503 database_unavailable, or 400 if X-App-Id cannot be
                the id of an app.
        """
        name = await self._service_keys.name_of(request.headers.get("x-service-key", ""))
        note_service(name)
        app_id = header_text(request, "X-App-Id") or None
        if app_id is not None and not is_id(app_id):
            raise invalid_request({"X-App-Id": "must be a text of 1 to 128 characters"})
        note_app(app_id)
        return Service(name, app_id)
