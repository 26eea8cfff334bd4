"""Typed reading of a request's parameters, with Stripe's complaints about bad ones."""

from __future__ import annotations

from collections.abc import Collection

from sandbox.stripe.errors import ApiError
from sandbox.stripe.forms import Form, listed

_CURRENCIES = ("chf", "eur", "gbp", "usd")
_SMALLEST_CHARGE = 50
_LARGEST_CHARGE = 99_999_999
_METADATA_LIMITS = 50, 40, 500


class Params:
    """The parameters of one request, or of a group within it (`path` is the group's name)."""

    def __init__(self, form: Form, path: str = "") -> None:
        self._form = form
        self._path = path

    def __contains__(self, name: str) -> bool:
        """True if the parameter was sent."""
        return name in self._form

    def allow_only(self, known: Collection[str]) -> None:
        """Raise ApiError if there is a parameter that is not known."""
        for name in self._form:
            if name not in known:
                raise ApiError(
                    f"Received unknown parameter: {self._name(name)}",
                    code="parameter_unknown",
                    param=self._name(name),
                )

    def text(self, name: str) -> str | None:
        """Return a text, None if it is absent."""
        value = self._form.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise ApiError(f"Invalid string: {self._name(name)}", param=self._name(name))
        if not value:
            raise ApiError(
                f"You passed an empty string for '{self._name(name)}'.",
                code="parameter_invalid_empty",
                param=self._name(name),
            )
        return value

    def needed_text(self, name: str) -> str:
        """Return a text that must be there."""
        value = self.text(name)
        if value is None:
            raise self._absent(name)
        return value

    def choice(self, name: str, options: Collection[str]) -> str | None:
        """Return one of some words, None if it is absent."""
        value = self.text(name)
        if value is not None and value not in options:
            raise ApiError(
                f"Invalid {self._name(name)}: must be one of {', '.join(sorted(options))}",
                param=self._name(name),
            )
        return value

    def integer(self, name: str) -> int | None:
        """Return a whole number, None if it is absent."""
        value = self.text(name)
        if value is None:
            return None
        if not value.lstrip("-").isascii() or not value.removeprefix("-").isdigit():
            raise ApiError(
                f"Invalid integer: {value}",
                code="parameter_invalid_integer",
                param=self._name(name),
            )
        return int(value)

    def needed_integer(self, name: str) -> int:
        """Return a whole number that must be there."""
        value = self.integer(name)
        if value is None:
            raise self._absent(name)
        return value

    def currency(self) -> str:
        """Return the code of a currency that the account takes, in lower case."""
        value = self.needed_text("currency").lower()
        if value not in _CURRENCIES:
            raise ApiError(f"Invalid currency: {value}", param=self._name("currency"))
        return value

    def metadata(self) -> dict[str, str]:
        """Return metadata, empty if there is none; an empty value means that its key goes."""
        group = self.group("metadata")
        entries = {key: value for key, value in group._form.items() if isinstance(value, str)}
        most, longest_key, longest_value = _METADATA_LIMITS
        if (
            len(entries) != len(group._form)
            or len(entries) > most
            or any(len(key) > longest_key for key in entries)
            or any(len(value) > longest_value for value in entries.values())
        ):
            raise ApiError(
                "Metadata: at most 50 keys of 40 and values of 500 characters", param="metadata"
            )
        return entries

    def group(self, name: str) -> Params:
        """Return the parameters within `name[…]`, none if it is absent."""
        value = self._form.get(name, {})
        if isinstance(value, str):
            if value:
                raise ApiError(f"Invalid object: {self._name(name)}", param=self._name(name))
            value = {}
        return Params(value, self._name(name))

    def groups(self, name: str) -> list[Params]:
        """Return the parameters within each of `name[0][…]`, `name[1][…]`, …."""
        members = listed(self.group(name)._form)
        path = self._name(name)
        return [
            Params(member, f"{path}[{index}]")
            for index, member in enumerate(members)
            if not isinstance(member, str)
        ]

    def texts(self, name: str) -> list[str]:
        """Return the members of a list of texts."""
        return [member for member in listed(self.group(name)._form) if isinstance(member, str)]

    def _name(self, name: str) -> str:
        return f"{self._path}[{name}]" if self._path else name

    def _absent(self, name: str) -> ApiError:
        return ApiError(
            f"Missing required param: {self._name(name)}.",
            code="parameter_missing",
            param=self._name(name),
        )


def chargeable(amount: int, param: str = "amount") -> int:
    """Return an amount in cents if a card can be charged with it, else raise ApiError."""
    if amount < 1:
        raise ApiError(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param=param,
        )
    if amount < _SMALLEST_CHARGE:
        raise ApiError("Amount must be at least 0.50", code="amount_too_small", param=param)
    if amount > _LARGEST_CHARGE:
        raise ApiError("Amount must be at most 999999.99", code="amount_too_large", param=param)
    return amount
