"""The day of default that follows from each stop, and how long the default lasts."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.frames import NEVER
from arrisk.sim.conditions import Rates
from arrisk.sim.courses import DISPUTED
from arrisk.sim.customers import Traits
from arrisk.sim.invoices import Invoices
from arrisk.sim.params import SimulationParameters
from arrisk.sim.paths import Stops
from arrisk.sim.receipts import Receipts, unapplied_until
from arrisk.sim.settlements import Settlements
from arrisk.sim.timeline import Floats, Ints


@dataclass(frozen=True)
class Defaults:
    """One element per stop: the default begins on `begin_day`, is over from `end_day` on (NEVER: stays)."""

    begin_day: Ints
    end_day: Ints


def find_defaults(
    traits: Traits,
    invoices: Invoices,
    settlements: Settlements,
    receipts: Receipts,
    notes: pd.DataFrame,
    stops: Stops,
    *,
    rates: Rates,
    params: SimulationParameters,
) -> Defaults:
    """Find the first trigger of each stop: a material amount ninety days past due, or the credit event."""
    items = _list_items(traits, invoices, settlements, stops, rates, params)
    items["credit"] = _credits(items, traits, receipts, notes, rates)
    overdue_day = np.full(len(stops), NEVER, dtype=np.int64)
    over = items[items["overdue"] - items["credit"] > _materiality(items, params)]
    first = over.groupby("stop")["day"].min()
    overdue_day[first.index.to_numpy()] = first.to_numpy()
    begin = np.minimum(stops.event_day, overdue_day)
    last_paid = stops.resume_day.copy()
    chosen = items[(items["final"] < NEVER)]
    np.maximum.at(last_paid, chosen["stop"].to_numpy(), chosen["final"].to_numpy())
    end = np.where(stops.is_cured, np.maximum(last_paid, begin) + params.probation_days + 1, NEVER)
    return Defaults(begin_day=begin, end_day=end)


def _list_items(
    traits: Traits,
    invoices: Invoices,
    settlements: Settlements,
    stops: Stops,
    rates: Rates,
    params: SimulationParameters,
) -> pd.DataFrame:
    """List the invoices left unpaid by a stop, in book currency on their ninetieth day past due."""
    stop_day = np.append(stops.stop_day, NEVER)[invoices.stop]
    is_met = (invoices.stop >= 0) & (settlements.course.final_day >= stop_day) & (settlements.last_part > 0)
    unpaid = np.flatnonzero(is_met)
    day = invoices.due_day[unpaid] + params.default_days
    customer = invoices.customer[unpaid]
    book = settlements.last_part[unpaid] * rates.at(traits.currency[customer], day)
    items = pd.DataFrame(
        {
            "stop": invoices.stop[unpaid],
            "customer": customer,
            "day": day,
            "issued": invoices.issued_day[unpaid],
            "final": settlements.course.final_day[unpaid],
            "open": book,
            "undisputed": np.where(settlements.course.way[unpaid] == DISPUTED, 0.0, book),
        }
    ).sort_values(["stop", "day"], kind="stable", ignore_index=True)
    totals = items.groupby(["stop", "day"])["undisputed"].sum().groupby(level="stop").cumsum()
    items["overdue"] = totals.reindex(pd.MultiIndex.from_frame(items[["stop", "day"]])).to_numpy()
    items["open_total"] = _open_totals(items)
    return items


def _open_totals(items: pd.DataFrame) -> Floats:
    """Open balance of the stop's unpaid items that are issued by each item's day."""
    by_issue = items.sort_values(["stop", "issued"], kind="stable")
    keys = by_issue["stop"].to_numpy() * 2**32 + by_issue["issued"].to_numpy()
    totals = np.append(0.0, by_issue["open"].cumsum().to_numpy())
    begin = np.searchsorted(keys, items["stop"].to_numpy() * 2**32)
    end = np.searchsorted(keys, items["stop"].to_numpy() * 2**32 + items["day"].to_numpy(), side="right")
    return np.asarray(totals[end] - totals[begin])


def _credits(items: pd.DataFrame, traits: Traits, receipts: Receipts, notes: pd.DataFrame, rates: Rates) -> Floats:
    """Sum what the customer has overpaid and its open credit notes on each item's day."""
    customer, day = items["customer"].to_numpy(), items["day"].to_numpy()
    total = unapplied_until(receipts, customer, day).astype(float)
    left = notes[(notes["applied_day"] == NEVER) & notes["customer"].isin(customer)]
    pairs = items[["customer", "day"]].reset_index().merge(left[["customer", "day", "amount"]], on="customer")
    pairs = pairs[pairs["day_y"] <= pairs["day_x"]]
    np.add.at(total, pairs["index"].to_numpy(), pairs["amount"].to_numpy())
    return np.asarray(total * rates.at(traits.currency[customer], day))


def _materiality(items: pd.DataFrame, params: SimulationParameters) -> pd.Series:
    share = params.materiality_share * (items["open_total"] - items["credit"])
    return share.clip(lower=100 * params.materiality_amount)
