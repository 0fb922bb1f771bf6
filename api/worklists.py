"""The worklists at hand: the newest run of a ledger with what collectors did, kept up to date as they act."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from threading import Lock

import pandas as pd

from arrisk.contacts.accounts import Account
from arrisk.contacts.listing import Listing, place_accounts, start_listing
from arrisk.contacts.promises import Judged, Receipts
from arrisk.policy import Policy
from arrisk.store import Database
from arrisk.store.newest import find_state
from arrisk.store.records import TableRecords
from arrisk.store.runs import Run, require_newest
from arrisk.store.worklists import read_worklist_index
from arrisk.uses import collecting
from arrisk.uses.collecting import Files, Known


@dataclass(frozen=True)
class Paid:
    """What customers paid, and before which day it was known."""

    receipts: Receipts
    as_of: date

    def judge(self, account: Account, policy: Policy) -> list[Judged]:
        """Judge the promises in a customer's file."""
        return collecting.judge_account(account, self.receipts, as_of=self.as_of, policy=policy)


@dataclass(frozen=True)
class Worked:
    """A worklist as it is worked.

    Parameters
    ----------
    run : whose figures these are.
    on : today.
    state : of the ledger by which promises are judged.
    known : the collectors' files.
    paid : what customers paid; None = nobody asked yet, for there is no promise.
    listing : the list with what was done.
    """

    run: Run
    on: date
    state: tuple[int, int]
    known: Known
    paid: Paid | None
    listing: Listing


@dataclass
class _Slot:
    """What is kept of a ledger."""

    files: Files
    lock: Lock = field(default_factory=Lock)
    worked: Worked | None = None


class Worklists:
    """The worklists of some ledgers; several threads may ask."""

    def __init__(self) -> None:
        self._slots: dict[str, _Slot] = {}
        self._lock = Lock()

    def open_files(self, database: Database, ledger: str) -> Files:
        """Give the collectors' files of a ledger."""
        return self._find_slot(database, ledger).files

    def read(self, database: Database, ledger: str, *, on: date, policy: Policy, pay: Callable[[], Paid]) -> Worked:
        """Give a ledger's worklist as it stands.

        Parameters
        ----------
        on : today.
        pay : gives what customers paid; it is asked for where there are promises to be judged.

        Raises
        ------
        InputError
            When nothing was computed of the ledger yet.
        """
        slot = self._find_slot(database, ledger)
        run, state, known = require_newest(database, ledger), find_state(database, ledger), slot.files.read(on=on)
        with slot.lock:
            before = slot.worked
            if before is None or (before.run.run_id, before.on, before.state) != (run.run_id, on, state):
                rows = _keep_rows(before, run, state)
                rows = read_worklist_index(database, run) if rows is None else rows
                before = Worked(run, on, state, Known({}, {}, ()), None, start_listing(rows))
            slot.worked = _bring_up_to_date(before, known, policy, pay)
            return slot.worked

    def _find_slot(self, database: Database, ledger: str) -> _Slot:
        with self._lock:
            return self._slots.setdefault(ledger, _Slot(Files(TableRecords(database), ledger)))


def _keep_rows(before: Worked | None, run: Run, state: tuple[int, int]) -> pd.DataFrame | None:
    """Give the rows that were read before, unless the run is another, or a customer was erased meanwhile."""
    is_same = before is not None and before.run == run and before.state[1] == state[1]
    return before.listing.rows if before is not None and is_same else None


def _bring_up_to_date(worked: Worked, known: Known, policy: Policy, pay: Callable[[], Paid]) -> Worked:
    """Put to the list what was done since it was last looked at."""
    acted_on = dict.fromkeys(known.acted_on[len(worked.known.acted_on) :])
    if not acted_on:
        return worked
    accounts = [known.accounts[customer_id] for customer_id in acted_on]
    paid = _find_paid(worked, accounts, pay)
    judged = [(account, paid.judge(account, policy) if paid and account.promises else []) for account in accounts]
    listing = place_accounts(worked.listing, judged, on=worked.on, policy=policy.contacts)
    return replace(worked, known=known, paid=paid, listing=listing)


def _find_paid(worked: Worked, accounts: Iterable[Account], pay: Callable[[], Paid]) -> Paid | None:
    is_asked = worked.paid is None and any(account.promises for account in accounts)
    return pay() if is_asked else worked.paid
