"""Texts that callers cut anywhere: what is left of a character becomes U+FFFD, where that may be.

A half of a character is a NUL first, which only a free text may contain. So an id or a key with one
is still refused under its own name.
"""

import re

_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HALF = r"u[dD][89a-fA-F][0-9a-fA-F]{2}"

# Pairs and all other escapes are kept; bytes that are no UTF-8 stand as lone low surrogates here.
_HALF_CHARACTERS = re.compile(rf"({_PAIR}|\\(?!{_HALF}).)|\\{_HALF}|[\udc80-\udcff]+", re.DOTALL)

_NUL = re.compile(rb"(\\(?!u0000).)|\\u0000", re.DOTALL)


def without_half_characters(json: bytes) -> bytes:
    """Return JSON text with a NUL for each half of a character: unpaired surrogates, no UTF-8."""
    text = json.decode(errors="surrogateescape")
    return _HALF_CHARACTERS.sub(lambda found: found[1] or r"\u0000", text).encode()


def without_nul(json: bytes) -> bytes:
    """Return JSON text with U+FFFD for each NUL, which the database cannot store."""
    if rb"\u0000" not in json:
        return json
    return _NUL.sub(lambda found: found[1] or rb"\ufffd", json)
