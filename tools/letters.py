"""Write gifts._fold_letters: small letters for capital ones, of every alphabet.

The pairs are those of Unicode's simple case folding as Python knows it, so that no server's locale
has a say in them. Run it when Python knows a newer Unicode whose letters are wanted too.
"""

import sys
from pathlib import Path

ROOM = Path(__file__).resolve().parents[1] / "db" / "functions" / "gifts" / "redemptions"
TARGET = ROOM / "_fold_letters.sql"

LETTERS_A_LINE = 100
# Turkish has an I without a dot and one with it, small ones and capital ones: here all are one.
TURKISH = {
    "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}": "i",
    "\N{LATIN SMALL LETTER DOTLESS I}": "i",
}

TEMPLATE = """\
-- Written by tools/letters.py, not by hand.
create or replace function gifts._fold_letters(p_text text) returns text
language sql immutable parallel safe
as $$
    select translate(
        p_text,
        {capital},
        {small}
    )
$$;

comment on function gifts._fold_letters is
'Small letters for capital ones, of every alphabet and the same whatever the locale.
It is the simple case folding of Unicode, and i for what Turkish tells apart by a dot';
"""


def folded(letter: str) -> str:
    """Return the letter for which case does not count; another one only for a capital."""
    if letter in TURKISH:
        return TURKISH[letter]
    # Where the full folding is of several letters (ẞ: ss) the simple one is the small letter.
    return next((other for other in (letter.casefold(), letter.lower()) if len(other) == 1), letter)


def pairs() -> dict[str, str]:
    """Return every letter that is folded to another one, with that."""
    letters = {letter: folded(letter) for letter in map(chr, range(sys.maxunicode + 1))}
    return {letter: other for letter, other in letters.items() if letter != other}


def statement() -> str:
    """Return the text of the file."""
    table = pairs()
    return TEMPLATE.format(
        capital=_literal("".join(table)), small=_literal("".join(table.values()))
    )


def _literal(text: str) -> str:
    """Return a literal of several lines, which SQL reads as one text."""
    starts = range(0, len(text), LETTERS_A_LINE)
    return "\n        ".join(f"'{text[start : start + LETTERS_A_LINE]}'" for start in starts)


if __name__ == "__main__":
    TARGET.write_text(statement(), encoding="utf-8")
