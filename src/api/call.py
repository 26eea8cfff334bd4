"""What a handler is given: a call of an operation."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec
from starlette.requests import Request

from api.database.client import Functions
from api.http.operations import Operation
from api.http.paging import Page
from api.identity.service_keys import Service
from api.identity.tokens import User
from api.services import Services

Shape = TypeVar("Shape")
Row = TypeVar("Row", bound=msgspec.Struct)


class Call(Generic[Shape]):
    """A call of an operation.

    Attributes:
        operation: The operation to be called.
        request: The request itself.
        services: Services of this process.
        functions: Functions of the database, as the caller may call them.
        user: The user who calls, if it is one.
        service: The service that calls, if it is one.
        body: The fields of the body.
        query: The values of the query, by name.
        page: The page of a list that is asked for.
        arguments: All that was given, by the parameters of functions.
    """

    body: Shape
    user: User
    page: Page

    def __init__(self, operation: Operation, request: Request) -> None:
        self.operation = operation
        self.request = request
        self.services: Services = request.scope["state"]["services"]
        self.functions: Functions = self.services.database
        self.service: Service | None = None
        self.query: dict[str, Any] = {}
        self.arguments: dict[str, Any] = {**operation.constants}

    def give(self, arguments: Mapping[str, Any]) -> None:
        """Add arguments; of two for one parameter the one that is there already counts."""
        self.arguments = {**arguments, **self.arguments}

    async def one(self, shape: type[Row], **more: Any) -> Row:
        """Call the operation's function with all that was given, and return its row."""
        function = self.operation.function
        return await self.functions.one(function, shape, **{**self.arguments, **more})

    async def many(self, shape: type[Row], **more: Any) -> list[Row]:
        """Call the operation's function with all that was given, and return its rows."""
        function = self.operation.function
        return await self.functions.many(function, shape, **{**self.arguments, **more})
