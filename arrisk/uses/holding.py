"""The use case of the order desk: which orders may ship as of a day."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from arrisk import money
from arrisk.acts import Actor
from arrisk.decisions.holds import Held, check_orders
from arrisk.decisions.orders import describe_orders, list_orders
from arrisk.decisions.releases import Releases, apply_releases, release_order, replay_releases
from arrisk.errors import InputError, MissingError, nearest
from arrisk.frames import day_of, match, visible
from arrisk.labels import find_in_default
from arrisk.ledger.defaults import list_defaults
from arrisk.pipeline import Tell, silent
from arrisk.policy import Policy
from arrisk.policy.decisions import CUSTOMER, EVERYBODY, GROUP, Stage
from arrisk.records import Entry, Records
from arrisk.registry.folders import make_slug
from arrisk.schema import Book
from arrisk.uses.credit import review_limits

NEW = "(new)"
"""The id of an order that is asked about and not in the book."""

_KIND = "holds"

_SHOWN = (
    *("order_id", "customer_id", "ordered_on", "amount", "decision", "release_by", "reasons", "exposure_amount"),
    *("limit_amount", "limit_kind", "limit_source", "open_amount", "overdue_days", "overdue_amount", "group", "grade"),
    "in_default",
)


@dataclass(frozen=True)
class NewOrder:
    """An order that is asked about before it is taken; ``amount`` as decimal text, in ``currency``."""

    customer_id: str
    amount: str
    currency: str


@dataclass(frozen=True)
class Holds:
    """Which orders may ship.

    Parameters
    ----------
    orders : one row per order, amounts in book currency.
    reasons : one row per order and rule that speaks against it, with order_id and customer_id.
    model_note : which default model was used; empty = none was needed.
    strangers : rules for a customer or a group that the book does not know.
    """

    orders: pd.DataFrame
    reasons: pd.DataFrame
    model_note: str
    strangers: tuple[str, ...]


def check_holds(
    book: Book,
    *,
    as_of: date,
    home: Path,
    policy: Policy,
    stage: Stage,
    asked: str | NewOrder | None = None,
    tell: Tell = silent,
) -> Holds:
    """Say which open orders may ship as of a day.

    Parameters
    ----------
    book : a checked book.
    as_of : what was known before the start of this day counts.
    home : the state folder, for the default model, where a rule needs grades or recommended limits.
    policy : its section ``holds`` has the rules.
    stage : ``order`` or ``ship``.
    asked : an order_id of the book, or a new order; None = all open orders.

    Raises
    ------
    InputError
        When there is no such order or customer.
    CurrencyError
        When an amount is in a currency without a rate.
    """
    tell("Reading orders")
    orders = list_orders(book, as_of=as_of)
    if isinstance(asked, NewOrder):
        orders = pd.concat([orders, _add_order(book, asked, as_of=as_of)], ignore_index=True)
    described = _choose(describe_orders(book, orders, as_of=as_of), asked)
    tell("Replaying defaults")
    episodes = list_defaults(book, as_of=as_of, policy=policy)
    questions = described[["customer_id"]].assign(as_of_day=day_of(as_of))
    described = described.assign(
        in_default=find_in_default(episodes, questions),
        grade=pd.Series(None, index=described.index, dtype="str"),
        limit_source=np.where(described["limit_kind"].isna(), "", "ledger"),
    )
    note = ""
    if _needs_model(described, policy):
        review = review_limits(book, as_of=as_of, home=home, policy=policy, tell=tell)
        described, note = _add_review(described, review.limits, policy), review.model_note
    held = check_orders(described, policy.holds, stage=stage)
    return Holds(held.orders[list(_SHOWN)], _name_orders(held), note, _find_strangers(book, policy, as_of=as_of))


def _add_order(book: Book, order: NewOrder, *, as_of: date) -> pd.DataFrame:
    known = visible(book["customers"], as_of_day=day_of(as_of))["customer_id"]
    if not (known == order.customer_id).any():
        raise MissingError(f"no customer '{order.customer_id}'", hint=nearest(order.customer_id, known.tolist()))
    parsed = money.parse_amounts(
        pd.Series([order.amount], dtype="str"), np.array([money.exponent(order.currency)], dtype="int64")
    )
    if parsed.is_missing[0] or not parsed.is_readable[0]:
        raise InputError(f"'{order.amount}' is not an amount", where="amount", hint="a number such as 1250.00")
    row = {"order_id": NEW, "customer_id": order.customer_id, "currency": order.currency, "is_shipped": False}
    return pd.DataFrame([row | {"ordered_on": pd.Timestamp(as_of), "amount": int(parsed.minor[0])}])


def _choose(orders: pd.DataFrame, asked: str | NewOrder | None) -> pd.DataFrame:
    if asked is None:
        return orders
    order_id = NEW if isinstance(asked, NewOrder) else asked
    chosen = orders.loc[(orders["order_id"] == order_id).to_numpy()].reset_index(drop=True)
    if not len(chosen):
        hint = nearest(order_id, orders["order_id"].tolist()) if len(orders) else "no order is open"
        raise InputError(f"no open order '{order_id}'", where="order_id", hint=hint)
    return chosen


def _needs_model(orders: pd.DataFrame, policy: Policy) -> bool:
    reads_grades = any(rule.active and rule.kind == "grade" for rule in policy.holds.rules)
    is_without = bool(orders["limit_kind"].isna().any())
    return bool(len(orders)) and (reads_grades or (policy.holds.without_limit == "recommended" and is_without))


def _add_review(orders: pd.DataFrame, limits: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Add grades, and where policy says so the recommended limit of those without one."""
    row = match(orders["customer_id"], limits["customer_id"])
    found = limits[["grade", "recommended_limit", "limit_kind"]].reset_index(drop=True).reindex(row)
    found = found.set_axis(orders.index)
    stands_in = (orders["limit_kind"].isna() & found["limit_kind"].notna()).to_numpy()
    if policy.holds.without_limit != "recommended":
        stands_in = np.zeros(len(orders), dtype=bool)
    return orders.assign(
        grade=found["grade"],
        limit_amount=orders["limit_amount"].mask(stands_in, found["recommended_limit"]),
        limit_kind=orders["limit_kind"].mask(stands_in, found["limit_kind"]),
        limit_source=np.where(stands_in, "recommended", orders["limit_source"]),
    )


def _name_orders(held: Held) -> pd.DataFrame:
    named = held.orders[["order_id", "customer_id"]].iloc[held.reasons["row"]].reset_index(drop=True)
    return pd.concat([named, held.reasons.drop(columns="row").reset_index(drop=True)], axis=1)


def _find_strangers(book: Book, policy: Policy, *, as_of: date) -> tuple[str, ...]:
    known = visible(book["customers"], as_of_day=day_of(as_of))
    own, heads = set(known["customer_id"]), set(known["parent_id"].dropna())
    return tuple(
        f"{rule.name} ({rule.scope})"
        for rule in policy.holds.rules
        if rule.scope != EVERYBODY
        and rule.scope.removeprefix(CUSTOMER if rule.scope.startswith(CUSTOMER) else GROUP)
        not in (own if rule.scope.startswith(CUSTOMER) else own | heads)
    )


def name_record(ledger: str) -> str:
    """Give the key of a ledger's record of releases."""
    return f"{_KIND}/{make_slug(ledger)}"


def show_holds(found: Holds, records: Records, ledger: str, *, on: date) -> Holds:
    """Give which orders may ship with what persons have released.

    Raises
    ------
    BookError
        When the record was changed.
    """
    return _apply(found, records.replay(name_record(ledger), replay_releases), on=on)


def release_held(
    found: Holds, order_id: str, *, reason: str, actor: Actor, records: Records, ledger: str, policy: Policy
) -> Holds:
    """Release an order from the rules that this person may release, and record it.

    Parameters
    ----------
    found : the orders as ``check_holds`` gives them for the stage.
    actor : who releases, and perhaps how many releases of the ledger were seen.

    Returns
    -------
    Holds
        The orders after it.

    Raises
    ------
    InputError
        When there is no such order, or it is not held.
    AccessError
        When the person may release none of the rules that hold it.
    """
    actor.require_name()
    known = found.orders["order_id"].tolist()
    if order_id not in known:
        hint = nearest(order_id, known) if known else "no order is open"
        raise MissingError(f"no open order '{order_id}'", where="order_id", hint=hint)

    def draft(releases: Releases) -> list[Entry]:
        now = _apply(found, releases, on=actor.on)
        order = now.orders.iloc[known.index(order_id)]
        is_holding = (now.reasons["order_id"] == order_id) & (now.reasons["released_by"] == "")
        content = release_order(
            order, now.reasons.loc[is_holding.to_numpy()], by=actor.by, on=actor.on, reason=reason, policy=policy
        )
        return [Entry(at=actor.stamp, by=actor.by, action="release", content=content)]

    return _apply(found, records.append_replayed(name_record(ledger), replay_releases, draft).state, on=actor.on)


def _apply(found: Holds, releases: Releases, *, on: date) -> Holds:
    orders, reasons = apply_releases(found.orders, found.reasons, releases, on=on)
    return replace(found, orders=orders, reasons=reasons)
