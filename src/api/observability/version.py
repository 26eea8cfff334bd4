"""The version of mana-credits, as its package says."""

from importlib.metadata import version
from typing import Final

VERSION: Final = version("mana-credits")
