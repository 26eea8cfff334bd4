"""The brand of the pages: its emblem, and style sheets in a colour that can be read."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

# The cards of base.css; what lies on them in the brand's colour can be read, links above all.
_LIGHT_CARD, _DARK_CARD = "#ffffff", "#201a29"
_LEAST_CONTRAST, _DARK_CONTRAST = 4.5, 7.0

_EMBLEMS_COLOUR: Final = 'color="#6d3bc4"'

_Rgb = tuple[float, float, float]


@cache
def page_file(name: str, package: str = "api.pages") -> str:
    """Return a file of a package."""
    return files(package).joinpath(name).read_text("utf-8").strip()


def emblem(colour: str) -> str:
    """Return the emblem as SVG, in a brand's colour."""
    return page_file("emblem.svg").replace(_EMBLEMS_COLOUR, f'color="{colour}"')


@cache
def coloured(name: str, colour: str) -> str:
    """Return a style sheet of this folder, after that of all pages, in a brand's colour."""
    light = readable(colour, _LIGHT_CARD, "#000000", _LEAST_CONTRAST)
    dark = readable(colour, _DARK_CARD, "#ffffff", _DARK_CONTRAST)
    sheets = "\n".join(map(page_file, ("base.css", name)))
    return sheets.replace("LIGHT_ACCENT", light).replace("DARK_ACCENT", dark)


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
