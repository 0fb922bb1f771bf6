"""What a page says after something was done. An address holds a key of these alone: no link can put words in."""

from typing import Final

DONE: Final = {
    "signed_out": "You have signed out.",
    "password": "The password was changed.",
}
"""By key: the sentence."""
