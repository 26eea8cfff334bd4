"""The languages that pages speak, each as a region writes numbers, days and hours.

What is said stands in `texts`, one catalogue a language, in the syntax of Fluent.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache, cached_property
from importlib.resources import files
from typing import Final

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import Resource
from markupsafe import Markup, escape
from starlette.requests import Request

from api.http.preferences import preferred_language

# The first one is spoken to who asks for none of them. A region has an entry where it writes
# numbers or days in another way than its language alone.
_LOCALES: Final = {
    "en": "en-GB",
    "en-us": "en-US",
    "de": "de",
    "de-ch": "de-CH",
    "fr": "fr",
    "fr-ch": "fr-CH",
    "it": "it",
    "it-ch": "it-CH",
    "es": "es",
}


class Language:
    """A language as it is written in one region; `tag` is the language alone, such as `de`."""

    def __init__(self, locale: str) -> None:
        self.tag = locale.partition("-")[0]
        self._locale = locale

    @cached_property
    def _bundle(self) -> FluentBundle:
        # Parsed for the first reader: a process that shows no page starts without.
        bundle = FluentBundle([self._locale], use_isolating=False)
        bundle.add_resource(_catalogue(self.tag))
        return bundle

    def text(self, name: str, /, **values: str | int | datetime) -> Markup:
        """Return a text of the catalogue as HTML, filled with values, which are escaped.

        Raises:
            LookupError: The catalogue has no such text, or the text needs another value.
        """
        pattern = self._bundle.get_message(name).value
        if pattern is None:
            raise LookupError(name)
        filling = {
            key: escape(value) if isinstance(value, str) else value for key, value in values.items()
        }
        text, errors = self._bundle.format_pattern(pattern, filling)
        if errors:
            raise LookupError(f"{name}: {errors[0]}")
        return Markup(text)  # noqa: S704 (the catalogue is ours, and the values are escaped)


@cache
def _catalogue(tag: str) -> Resource:
    return FluentResource(files("api.pages").joinpath("texts", f"{tag}.ftl").read_text("utf-8"))


LANGUAGES: Final[Mapping[str, Language]] = {
    tag: Language(locale) for tag, locale in _LOCALES.items()
}


def language_of(request: Request) -> Language:
    """Return the language that a reader likes best, English unless they ask for another."""
    header = request.headers.get("accept-language", "")
    return LANGUAGES[preferred_language(header, tuple(LANGUAGES))]
