"""The use cases of collecting: what collectors do about customers, and what became of promises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from arrisk.acts import Actor
from arrisk.contacts.accounts import Account, replay_accounts
from arrisk.contacts.actions import Action, Facts
from arrisk.contacts.progress import Progress, measure_progress
from arrisk.contacts.promises import Judged, Receipt, group_receipts, judge_promises, list_receipts
from arrisk.errors import MissingError, nearest
from arrisk.frames import day_of, visible
from arrisk.ledger.conversion import list_newest_rates, to_book_currency
from arrisk.ledger.open_items import list_open_items
from arrisk.policy import Policy
from arrisk.records import Entry, Records
from arrisk.registry.folders import make_slug
from arrisk.schema import Book
from arrisk.uses.desk import Desk

_AMOUNTS = ("open_amount", "disputed_amount")
_KIND = "contacts"


def name_record(ledger: str) -> str:
    """Give the key of a ledger's record of contacts."""
    return f"{_KIND}/{make_slug(ledger)}"


def act(desk: Desk, customer_id: str, action: Action, *, actor: Actor) -> Account:
    """Record what a collector does about a customer, checked against the file as it stands while nobody else can act.

    Parameters
    ----------
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

    def draft(accounts: Mapping[str, Account]) -> list[Entry]:
        account = accounts.get(customer_id, Account(customer_id))
        actor.require_seen(account.version, what=f"customer {customer_id}")
        content = action.write(account, facts, on=actor.on, policy=desk.policy.contacts)
        content = {"customer_id": customer_id, **content}
        return [Entry(at=actor.stamp, by=actor.by, action=action.name, content=content)]

    return desk.records.append_replayed(name_record(desk.book.name), replay_accounts, draft).state[customer_id]


def read_account(records: Records, ledger: str, customer_id: str) -> Account:
    """Read the file on a customer; an empty one where nothing was done about it yet.

    Raises
    ------
    BookError
        When the record was changed.
    """
    return records.replay(name_record(ledger), replay_accounts).get(customer_id, Account(customer_id))


def require_customer(book: Book, customer_id: str, *, as_of: date) -> None:
    """Refuse a customer that was not known before a day.

    Raises
    ------
    MissingError
        When it was not.
    """
    known = visible(book["customers"], as_of_day=day_of(as_of))["customer_id"]
    if not (known == customer_id).any():
        raise MissingError(
            f"no customer '{customer_id}'", where="customer_id", hint=nearest(customer_id, known.tolist())
        )


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


def read_receipts(book: Book, *, as_of: date) -> dict[str, list[Receipt]]:
    """Read what customers paid, as it was known before a day, by customer."""
    return group_receipts(list_receipts(book, as_of=as_of))


def find_known_day(book: Book, *, on: date) -> date:
    """Give the day as of which promises are judged: today, or the day after the last that the ledger covers.

    A promise is not broken because nobody has brought the receipts yet.
    """
    return min(on, book.extract_end_on + timedelta(days=1))


def judge_account(
    account: Account, receipts: Mapping[str, Sequence[Receipt]], *, as_of: date, policy: Policy
) -> list[Judged]:
    """Judge the promises in a customer's file."""
    own = receipts.get(account.customer_id, ())
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


def read_progress(accounts: Mapping[str, Account], *, on: date) -> Progressed:
    """Measure what each collector did on a day."""
    day = on.isoformat()
    busy = (account for account in accounts.values() if account.steps and account.steps[-1].at[:10] >= day)
    return Progressed(on, measure_progress((step for account in busy for step in account.steps), on=on))
