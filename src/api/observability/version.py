"""Which version of mana-credits this is, as its package says."""

from importlib.metadata import version
from typing import Final

VERSION: Final = version("mana-credits")
