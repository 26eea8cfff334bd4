"""The brand of the pages: a name, a colour and where to go on, by the settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from markupsafe import Markup

from api.settings import Settings

# The cards of style.css; what lies on them in the brand's colour can be read, links above all.
_LIGHT_CARD, _DARK_CARD = "#ffffff", "#201a29"
_LEAST_CONTRAST, _DARK_CONTRAST = 4.5, 7.0

_EMBLEMS_COLOUR: Final = 'color="#6d3bc4"'

_Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Brand:
    """The brand that the pages of one installation have in common.

    Attributes:
        name: The name that stands on the pages.
        url: Where people go on, or None.
        style: All of the one style sheet.
        emblem: The emblem as SVG, in the brand's colour.
    """

    name: str
    url: str | None
    style: Markup
    emblem: Markup


@cache
def brand_of(settings: Settings) -> Brand:
    """Return the brand that the settings name."""
    colour = settings.brand_colour
    emblem = page_file("emblem.svg").replace(_EMBLEMS_COLOUR, f'color="{colour}"')
    style = coloured("style.css", colour)
    # A file of ours, and a colour that is nothing else.
    return Brand(settings.brand_name, settings.brand_url, style, Markup(emblem))  # noqa: S704


@cache
def coloured(name: str, colour: str) -> Markup:
    """Return a style sheet of this folder in a brand's colour."""
    light = readable(colour, _LIGHT_CARD, "#000000", _LEAST_CONTRAST)
    dark = readable(colour, _DARK_CARD, "#ffffff", _DARK_CONTRAST)
    style = page_file(name).replace("LIGHT_ACCENT", light).replace("DARK_ACCENT", dark)
    return Markup(style)  # noqa: S704 (a file of ours, and colours)


def page_file(name: str, package: str = "api.pages") -> str:
    """Return a file of a package."""
    return files(package).joinpath(name).read_text("utf-8").strip()


def readable(colour: str, ground: str, towards: str, least_contrast: float) -> str:
    """Return a colour, moved towards another one until it can be read on a ground.

    All of them are written as `#rrggbb`; the contrast is that of WCAG 2.
    """
    return next(
        mixed for mixed in _mixtures(colour, towards) if _contrast(mixed, ground) >= least_contrast
    )


def _mixtures(colour: str, towards: str) -> Iterator[str]:
    for percent in range(101):
        share = percent / 100
        pairs = zip(_rgb(colour), _rgb(towards), strict=True)
        parts = (round(255 * (a + (b - a) * share)) for a, b in pairs)
        yield "#" + "".join(f"{part:02x}" for part in parts)


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(rgb: _Rgb) -> float:
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _rgb(colour: str) -> _Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue
