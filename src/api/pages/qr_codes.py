"""QR codes as inline pictures."""

from functools import lru_cache

import segno
from markupsafe import Markup

# Modules of light around the code that the standard asks for.
_QUIET_ZONE = 4


@lru_cache(maxsize=1024)
def qr_code(link: str) -> Markup:
    """Return a link as an SVG element that fills its box, dark on light in any colour scheme.

    Making one takes milliseconds, hence the cache.
    """
    code = segno.make_qr(link, error="m")
    svg: str = code.svg_inline(
        border=_QUIET_ZONE, omitsize=True, light="#fff", svgclass=None, lineclass=None
    )
    return Markup(svg)  # noqa: S704 (numbers only: the link is drawn, not written)
