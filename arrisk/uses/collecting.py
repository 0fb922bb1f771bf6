"""The use cases of collecting: what collectors do about customers, and what became of promises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock

from arrisk.acts import Actor
from arrisk.contacts.accounts import Account, replay_accounts
from arrisk.contacts.actions import Action, Facts
from arrisk.contacts.listing import Listing
from arrisk.contacts.progress import Progress, add_left, measure_progress
from arrisk.contacts.promises import Judged, Receipts, judge_promises, list_receipts
from arrisk.ledger.conversion import list_newest_rates, to_book_currency
from arrisk.ledger.open_items import list_open_items
from arrisk.policy import Policy
from arrisk.records import Entry, Records
from arrisk.registry.folders import make_slug
from arrisk.schema import Book
from arrisk.uses.customers import require_customer
from arrisk.uses.desk import Desk

_AMOUNTS = ("open_amount", "disputed_amount")
_KIND = "contacts"
_FEW_DAYS = 7
"""So many days are asked one by one; more, and it is quicker to ask which records there are."""


def name_record(ledger: str, day: date) -> str:
    """Give the key of a ledger's record of contacts: one for each day, so that little is checked to add to it."""
    return f"{_KIND}/{make_slug(ledger)}/{day.isoformat()}"


@dataclass(frozen=True)
class Known:
    """The files of a ledger as they are known.

    Parameters
    ----------
    accounts : by customer_id; who is not there has none.
    counts : of the records by day, how many entries were read, in order of days.
    acted_on : the customers acted on, one for each entry, in order.
    """

    accounts: Mapping[str, Account]
    counts: Mapping[date, int]
    acted_on: tuple[str, ...]


class Files:
    """The collectors' files of a ledger, read on as they grow; several threads and processes may act at the same time.

    Parameters
    ----------
    records : where they are.
    ledger : its name.
    """

    def __init__(self, records: Records, ledger: str) -> None:
        self.records, self.ledger = records, ledger
        self._known: Known | None = None
        self._listed_until = date.min
        self._lock = Lock()

    def read(self, *, on: date) -> Known:
        """Read the files as they are now.

        Parameters
        ----------
        on : today.

        Raises
        ------
        BookError
            When a record was changed.
        """
        with self._lock:
            known = self._known or Known({}, {}, ())
            for day in self._list_days(known, on):
                entries = self.records.read(name_record(self.ledger, day), after=known.counts.get(day, 0))
                known = _read_on(known, day, entries) if entries else known
            self._known = known
            return known

    def _list_days(self, known: Known, on: date) -> list[date]:
        """List the days whose records may have grown: nobody adds to one before the last."""
        last = max([self._listed_until, *known.counts])
        if self._known is None or (on - last).days > _FEW_DAYS:
            prefix = f"{_KIND}/{make_slug(self.ledger)}"
            days = [date.fromisoformat(key.rsplit("/")[-1]) for key in self.records.list_keys(prefix)]
            # To find the keys every entry is looked at. The clock of somebody else may still be at the day before.
            self._listed_until = on - timedelta(days=1)
            return [day for day in days if day >= last]
        return [last + timedelta(days=number) for number in range(max((on - last).days, 0) + 1)]


def _read_on(known: Known, day: date, entries: Sequence[Entry]) -> Known:
    accounts = replay_accounts(entries, known.accounts)
    counts = {**known.counts, day: known.counts.get(day, 0) + len(entries)}
    return Known(accounts, counts, (*known.acted_on, *(str(entry.content["customer_id"]) for entry in entries)))


def act(files: Files, desk: Desk, customer_id: str, action: Action, *, actor: Actor) -> Account:
    """Record what a collector does about a customer, checked against the file as it stands while nobody else can act.

    Parameters
    ----------
    files : those of the desk's ledger.
    desk : its book may be that of this customer alone, with the rates.
    actor : who acts, and perhaps which version of the file was seen.

    Returns
    -------
    Account
        The customer's file after it.

    Raises
    ------
    MissingError
        When the customer is not known.
    InputError
        When it is not allowed as things stand.
    CurrencyError
        When an amount is in a currency without a rate.
    ChangedError
        When somebody else acted on the file meanwhile.
    """
    actor.require_name()
    require_customer(desk.book, customer_id, as_of=desk.as_of)
    facts = read_facts(desk.book, customer_id, as_of=desk.as_of)
    known = files.read(on=actor.on)
    day, before = max([actor.on, *known.counts]), []

    def draft(entries: Sequence[Entry]) -> list[Entry]:
        now = _read_on(known, day, entries[known.counts.get(day, 0) :])
        account = now.accounts.get(customer_id, Account(customer_id))
        before.append(account)
        actor.require_seen(account.version, what=f"customer {customer_id}")
        content = action.write(account, facts, on=actor.on, policy=desk.policy.contacts)
        content = {"customer_id": customer_id, **content}
        return [Entry(at=actor.stamp, by=actor.by, action=action.name, content=content)]

    added = desk.records.append_drafted(name_record(desk.book.name, day), draft)
    # The files are not read on here: what a transaction adds counts once that ends.
    return replay_accounts(added, {customer_id: before[-1]})[customer_id]


def read_facts(book: Book, customer_id: str, *, as_of: date) -> Facts:
    """Read what a customer owes.

    Raises
    ------
    CurrencyError
        When an open invoice is in a currency without a rate.
    """
    items = list_open_items(book, as_of=as_of)
    is_own = (items["customer_id"] == customer_id) & (items["kind"] != "credit_note") & (items["open_amount"] > 0)
    items = items.loc[is_own.to_numpy(dtype=bool)]
    in_book = to_book_currency(items, book, amounts=_AMOUNTS, as_of=as_of)
    overdue = (items["days_past_due"] > 0).to_numpy(dtype=bool)
    return Facts(
        currency=book.currency,
        overdue_amount=int(in_book["open_amount"][overdue].sum()),
        disputed_amount=int(in_book["disputed_amount"].sum()),
        open_amounts=dict(zip(items["invoice_id"], items["open_amount"].map(int), strict=True)),
        currencies=dict(zip(items["invoice_id"], items["currency"], strict=True)),
        rates=list_newest_rates(book, as_of=as_of),
    )


def read_receipts(book: Book, *, as_of: date) -> Receipts:
    """Read what customers paid, as it was known before a day."""
    return Receipts(list_receipts(book, as_of=as_of))


def find_known_day(book: Book, *, on: date) -> date:
    """Give the day as of which promises are judged: today, or the day after the last that the ledger covers.

    A promise is not broken because nobody has brought the receipts yet.
    """
    return min(on, book.extract_end_on + timedelta(days=1))


def judge_account(account: Account, receipts: Receipts, *, as_of: date, policy: Policy) -> list[Judged]:
    """Judge the promises in a customer's file."""
    own = receipts.of(account.customer_id)
    return judge_promises(account.promises, own, as_of=as_of, policy=policy.contacts)


@dataclass(frozen=True)
class Progressed:
    """The work of a day.

    Parameters
    ----------
    on : the day, in UTC.
    collectors : one each who did any.
    """

    on: date
    collectors: list[Progress]


def read_progress(accounts: Mapping[str, Account], listing: Listing | None = None, *, on: date) -> Progressed:
    """Measure what each collector did on a day, and what is left of the list; None = there is none yet."""
    day = on.isoformat()
    busy = (account for account in accounts.values() if account.steps and account.steps[-1].at[:10] >= day)
    measured = measure_progress((step for account in busy for step in account.steps), on=on)
    return Progressed(on, measured if listing is None else add_left(measured, listing, on=on))
