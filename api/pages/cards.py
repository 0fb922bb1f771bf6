"""The cards of the home page: one for each thing that may wait for somebody."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from api.pages.inside import RefusedError
from api.pages.visits import Visit
from api.pages.worklist import read_card

_SHOWN: Final = 5
"""Rows of a card at most."""

Read = Callable[[Visit], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Card:
    """A card of the home page.

    Parameters
    ----------
    template : shows it, given what was read.
    permission : who gets it.
    read : asks the API.
    """

    template: str
    permission: str
    read: Read


async def _read_ledger(visit: Visit) -> dict[str, Any]:
    return {"ageing": await visit.look("/v1/ageing", period_end=await visit.find_last_day())}


async def _read_cases(visit: Visit) -> dict[str, Any]:
    return {"found": await visit.look("/v1/cases", state="in_review", limit=_SHOWN)}


async def _read_holds(visit: Visit) -> dict[str, Any]:
    return {"found": await visit.look("/v1/holds", decision="hold", limit=_SHOWN)}


CARDS: Final[tuple[Card, ...]] = (
    Card("home/cases.html", "cases.read", _read_cases),
    Card("home/holds.html", "holds.read", _read_holds),
    Card("home/worklist.html", "worklist.act", read_card),
    Card("home/ledger.html", "ledger.read", _read_ledger),
)
"""In the order in which they are shown."""


async def read_cards(visit: Visit) -> list[dict[str, Any]]:
    """Read the cards of a visitor; one that cannot be read says why, and the others stay."""
    found: list[dict[str, Any]] = []
    for card in CARDS:
        if not visit.may(card.permission):
            continue
        try:
            found.append({"template": card.template, "problem": None, **await card.read(visit)})
        except RefusedError as error:
            found.append({"template": "home/refused.html", "problem": error.problem})
    return found
