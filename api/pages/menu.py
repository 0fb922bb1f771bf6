"""The menu: which pages there are for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Item:
    """One page of the menu.

    Parameters
    ----------
    label, path : what it is called, and where it is.
    permission : who may see it.
    """

    label: str
    path: str
    permission: str


@dataclass(frozen=True)
class Shown:
    """An item as somebody sees it.

    Parameters
    ----------
    is_here : whether the page that is shown belongs to it.
    """

    label: str
    path: str
    is_here: bool


MENU: Final = {
    "Credit": (
        Item("Customers", "/customers", "customers.read"),
        Item("Grades that fell", "/downgrades", "scores.read"),
        Item("Cases", "/cases", "cases.read"),
        Item("Holds", "/holds", "holds.read"),
    ),
    "Collections": (Item("Worklist", "/worklist", "worklist.read"),),
    "Finance": (
        Item("Ageing", "/ageing", "ledger.read"),
        Item("Key figures", "/kpis", "ledger.read"),
        Item("Forecast", "/forecast", "ledger.read"),
        Item("Allowance", "/allowance", "allowance.read"),
        Item("Closes", "/closes", "closes.read"),
        Item("Write-offs", "/write-offs", "write_offs.read"),
    ),
    "Models": (
        Item("Models", "/models", "models.read"),
        Item("Monitoring", "/monitoring", "models.read"),
    ),
    "Service": (
        Item("Uploads", "/uploads", "uploads.read"),
        Item("Jobs", "/jobs", "jobs.read"),
        Item("Users", "/users", "users.read"),
        Item("Audit trail", "/audit", "audit.read"),
    ),
}
"""By heading: its pages."""


def list_menu(permissions: Iterable[str], path: str) -> list[tuple[str, list[Shown]]]:
    """List the headings and pages that somebody may see.

    Examples
    --------
    >>> list_menu(["worklist.read"], "/worklist/C1")
    [('Collections', [Shown(label='Worklist', path='/worklist', is_here=True)])]
    """
    allowed = set(permissions)
    listed = []
    for heading, items in MENU.items():
        shown = [
            Shown(item.label, item.path, path == item.path or path.startswith(f"{item.path}/"))
            for item in items
            if item.permission in allowed
        ]
        if shown:
            listed.append((heading, shown))
    return listed
