"""What a page says after something was done. An address holds a key of these alone: no link can put words in."""

from typing import Final

DONE: Final = {
    "signed_out": "You have signed out.",
    "password": "The password was changed.",
    "case_opened": "The case was opened: what is known was taken down, and a limit recommended.",
    "case_scored": "What is known by now was taken down, and a limit recommended anew.",
    "case_approved": "Your approval was recorded.",
    "case_declined": "The case was declined.",
    "case_accepted": "It was recorded that the customer accepts.",
    "case_withdrawn": "The request was withdrawn.",
    "case_letter": "The letter was written, and its clocks run.",
    "case_asked": "It was recorded that the customer asked for the reasons.",
}
"""By key: the sentence."""
