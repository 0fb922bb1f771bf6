"""What a stop leaves behind: credit events, write-offs and recoveries."""

import numpy as np
import pandas as pd

from arrisk.frames import NEVER
from arrisk.sim.collateral import Securities
from arrisk.sim.invoices import Invoices
from arrisk.sim.paths import Stops
from arrisk.sim.settlements import Settlements
from arrisk.sim.tables import make_ids
from arrisk.sim.timeline import Ints, Texts, make_generator

_SMALL_BALANCE_DAYS = (20, 60)
# Recoveries: days after the write-off; the estate returns nothing, or a share that follows a beta law.
SECURED_DAYS = (15, 90)
ESTATE_DAYS = (140, 600)
NOTHING_SHARE = 0.45
ESTATE_BETA = (1.2, 4.0)


def build_credit_events(stops: Stops, *, seed: int) -> pd.DataFrame:
    """Give the credit events: one with every stop, and the insolvency that often follows a failure."""
    rng = make_generator(seed, "credit events")
    count = len(stops)
    failed = np.array(["insolvency", "payment_default", "legal"], dtype=object)[
        rng.choice(3, count, p=[0.6, 0.25, 0.15])
    ]
    cured = np.array(["payment_default", "moratorium"], dtype=object)[rng.choice(2, count, p=[0.7, 0.3])]
    kind = np.where(stops.is_cured, cured, failed)
    occurred = np.maximum(stops.event_day - rng.integers(0, 11, count), stops.stop_day)
    follows = np.flatnonzero(~stops.is_cured & (kind != "insolvency") & (rng.random(count) < 0.7))
    later = stops.event_day[follows] + rng.integers(30, 121, len(follows))
    first = _events(stops.customer, occurred, kind, stops.event_day)
    second = _events(stops.customer[follows], later, np.full(len(follows), "insolvency", dtype=object), later + 2)
    return pd.concat([first, second], ignore_index=True).sort_values("known_on", kind="stable", ignore_index=True)


def _events(customer: Ints, occurred: Ints, kind: Texts, known: Ints) -> pd.DataFrame:
    return pd.DataFrame(
        {"customer_id": make_ids("C", customer, 6), "occurred_on": occurred, "kind": kind, "known_on": known}
    )


def build_write_offs(invoices: Invoices, settlements: Settlements, *, seed: int) -> pd.DataFrame:
    """Give the write-offs: bad debt, goodwill after disputes, cash discount, residues of bank charges."""
    rng = make_generator(seed, "write-offs")
    residue_day = settlements.course.final_day + rng.integers(*_SMALL_BALANCE_DAYS, len(invoices))
    parts = [
        (settlements.written_off_day, settlements.last_part, "bad_debt"),
        (settlements.course.final_day, settlements.conceded, "commercial"),
        (settlements.course.final_day, settlements.deducted, "discount"),
        (residue_day, settlements.short, "small_balance"),
    ]
    frames = []
    for day, amount, reason in parts:
        chosen = np.flatnonzero((day < NEVER) & (amount > 0))
        columns = {
            "invoice": chosen,
            "written_off_on": day[chosen],
            "amount": amount[chosen],
            "reason": reason,
        }
        frames.append(pd.DataFrame(columns))
    table = pd.concat(frames).sort_values(["written_off_on", "invoice"], kind="stable", ignore_index=True)
    table.insert(0, "invoice_id", make_ids("I", table.pop("invoice").to_numpy(), 8))
    return table


def build_recoveries(
    invoices: Invoices, settlements: Settlements, stops: Stops, securities: Securities, *, seed: int
) -> pd.DataFrame:
    """Give the money that came in after write-offs: from the security, then from the estate, if anything."""
    rng = make_generator(seed, "recoveries")
    estate = np.where(rng.random(len(stops)) < NOTHING_SHARE, 0.0, rng.beta(*ESTATE_BETA, len(stops)))
    cover = securities.cover_at(stops.customer, stops.stop_day)
    secured_day = stops.write_off_day + rng.integers(*SECURED_DAYS, len(stops))
    estate_day = stops.write_off_day + rng.integers(*ESTATE_DAYS, len(stops))
    lost = np.flatnonzero(settlements.written_off_day < NEVER)
    stop, amount = invoices.stop[lost], settlements.last_part[lost]
    secured = np.rint(amount * cover[stop]).astype(np.int64)
    left = np.rint((amount - secured) * estate[stop]).astype(np.int64)
    frames = [
        pd.DataFrame({"invoice": lost, "recovered_on": day[stop], "amount": part})
        for day, part in ((secured_day, secured), (estate_day, left))
    ]
    table = pd.concat(frames)
    table = table[table["amount"] > 0].sort_values(["recovered_on", "invoice"], kind="stable", ignore_index=True)
    table.insert(0, "invoice_id", make_ids("I", table.pop("invoice").to_numpy(), 8))
    return table
