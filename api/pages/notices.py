"""What a page says after something was done. An address holds a key of these alone: no link can put words in."""

from typing import Final

DONE: Final = {
    "signed_out": "You have signed out.",
    "password": "The password was changed.",
    "close_drafted": "The close was drafted. Somebody else reviews it.",
    "close_review": "The close was reviewed; it can be posted.",
    "close_post": "The close was posted: its journal entries are in force.",
    "close_reverse": "The close was taken back.",
    "write_offs_propose": "It was proposed. Somebody else approves it.",
    "write_offs_approve": "Your approval was recorded.",
    "write_offs_decline": "It was declined.",
    "case_opened": "The case was opened: what is known was taken down, and a limit recommended.",
    "case_scored": "What is known by now was taken down, and a limit recommended anew.",
    "case_approved": "Your approval was recorded.",
    "case_declined": "The case was declined.",
    "case_accepted": "It was recorded that the customer accepts.",
    "case_withdrawn": "The request was withdrawn.",
    "case_letter": "The letter was written, and its clocks run.",
    "order_released": "Your release was recorded, as far as your authority goes.",
    "case_asked": "It was recorded that the customer asked for the reasons.",
    "contacts": "The contact was logged.",
    "promises": "The promise was taken down.",
    "cancel": "The promise was taken back.",
    "disputes": "The dispute was taken down.",
    "end": "The dispute was ended.",
    "snooze": "The customer was put off.",
    "wake": "The customer is on the list again.",
    "move": "The customer was moved.",
    "move-back": "The customer is back at its place.",
    "assign": "The customer was given to a collector, or taken back.",
    "view_kept": "The view was kept.",
    "view_dropped": "The view was dropped.",
}
"""By key: the sentence."""
