"""How hard a portfolio is: what its truth reaches, and what a customer's own past late rate reaches.

Nothing here is fitted. The outcomes are read from the tables, as anybody outside would read them.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from arrisk.frames import NEVER, day_of, match, to_days
from arrisk.sim.portfolio import Portfolio
from arrisk.sim.timeline import Bools, Floats, Ints

_PRIOR_STRENGTH = 5.0
_TOLERANCE_SHARE, _TOLERANCE_AMOUNT = 0.01, 0.01
_WIDE = 2**32


def measure_difficulty(portfolio: Portfolio, *, tolerance_days: int = 0) -> dict[str, float]:
    """Measure a portfolio against its truth.

    Parameters
    ----------
    portfolio : simulated; the figures need some thousand invoices to be steady.
    tolerance_days : 0 or 30, the k of "late by k".

    Returns
    -------
    dict
        Of the mature invoices issued in the second half: `late_rate`, `base_log_loss`; AUC and gain in log
        loss over the base rate, of the truth and of the customer's past late rate as of issue (known from
        settled invoices, or from invoices past their tolerance); `history_share`, the larger of these two
        gains as a share of the truth's. Of all customers: `default_rate` in twelve months,
        `default_truth_mean`, `default_truth_auc`.

    Examples
    --------
    >>> from arrisk.sim.portfolio import simulate_portfolio
    >>> figures = measure_difficulty(simulate_portfolio(customers=60, months=12, seed=1))
    >>> 0.5 < figures["truth_auc"] < 1.0
    True
    """
    end_day = day_of(portfolio.extract_end_on)
    outcomes = list_late_outcomes(portfolio.tables, tolerance_days=tolerance_days, end_day=end_day)
    column = "p_late" if tolerance_days == 0 else f"p_late_{tolerance_days}"
    place = match(outcomes["invoice_id"], portfolio.truth_invoices["invoice_id"])
    chances = portfolio.truth_invoices[column].to_numpy()[place]
    settled = outcomes["known_day"].to_numpy()
    # An unpaid invoice is known to be late once its tolerance has passed; settled ones favour early payers.
    matured = outcomes["due_day"].to_numpy() + tolerance_days + 1
    asked = _is_asked(outcomes)
    late = outcomes["late"].to_numpy()[asked]
    guesses = {
        "truth": chances[asked],
        "settled_history": shrink_late_rates(outcomes, tolerance_days=tolerance_days, known_day=settled)[asked],
        "matured_history": shrink_late_rates(outcomes, tolerance_days=tolerance_days, known_day=matured)[asked],
    }
    base = _log_loss(late, np.full(len(late), late.mean()))
    gains = {name: base - _log_loss(late, guess) for name, guess in guesses.items()}
    return {
        "count_invoices": float(len(late)),
        "late_rate": float(late.mean()),
        "base_log_loss": base,
        **{f"{name}_auc": _auc(late, guess) for name, guess in guesses.items()},
        **{f"{name}_gain": gain for name, gain in gains.items()},
        "history_share": max(gains["settled_history"], gains["matured_history"]) / gains["truth"],
        **_measure_defaults(portfolio.truth_customers),
    }


def _is_asked(outcomes: pd.DataFrame) -> Bools:
    """Mature invoices of the second half of the portfolio's days: by then there is a history."""
    issued = outcomes["issued_day"].to_numpy()
    middle = (int(issued.min()) + int(issued.max())) // 2
    return outcomes["late"].notna().to_numpy() & (issued > middle)


def _measure_defaults(truth: pd.DataFrame) -> dict[str, float]:
    mature = truth[truth["defaulted"].notna()]
    if set(mature["defaulted"]) != {0.0, 1.0}:
        return {}
    return {
        "default_rate": float(mature["defaulted"].mean()),
        "default_truth_mean": float(mature["p_default_12m"].mean()),
        "default_truth_auc": _auc(mature["defaulted"].to_numpy(), mature["p_default_12m"].to_numpy()),
    }


def list_late_outcomes(tables: Mapping[str, pd.DataFrame], *, tolerance_days: int, end_day: int) -> pd.DataFrame:
    """Read from the tables when each invoice was settled and whether it was late by k days.

    Returns
    -------
    DataFrame
        One row per invoice in the order of issue: invoice_id, customer_id, issued_day, due_day,
        ended_day (NEVER = open), known_day, late (1, 0; missing when the window is open
        or the invoice was credited within it).
    """
    invoices = tables["invoices"]
    invoices = invoices[invoices["kind"] == "invoice"].reset_index(drop=True)
    steps = _list_steps(tables, invoices)
    last = _find_last_step(invoices, steps)
    issued, due = to_days(invoices["issued_on"]), to_days(invoices["due_on"])
    ended = last["paid_day"].to_numpy()
    is_paid = ~last["is_credit"].to_numpy() & (ended < NEVER)
    deadline = due + tolerance_days
    late = np.where(is_paid & (ended <= deadline), 0.0, 1.0)
    is_credited = last["is_credit"].to_numpy() & (ended <= deadline)
    late[is_credited | (deadline > end_day)] = np.nan
    return pd.DataFrame(
        {
            "invoice_id": invoices["invoice_id"],
            "customer_id": invoices["customer_id"],
            "issued_day": issued,
            "due_day": due,
            "ended_day": ended,
            "known_day": last["known_day"],
            "late": late,
        }
    )


def _list_steps(tables: Mapping[str, pd.DataFrame], invoices: pd.DataFrame) -> pd.DataFrame:
    """List what reduced each invoice, by day; `invoice` is its position, `amount` in cents."""
    allocations, payments, write_offs = tables["allocations"], tables["payments"], tables["write_offs"]
    receipt = match(allocations["payment_id"], payments["payment_id"])
    applied = to_days(allocations["applied_on"])
    paid = np.append(to_days(payments["paid_on"]), NEVER)[receipt]
    cash = pd.DataFrame(
        {
            "invoice": match(allocations["invoice_id"], invoices["invoice_id"]),
            "amount": np.rint(100 * allocations["amount"].to_numpy()).astype(np.int64),
            "applied_day": applied,
            "paid_day": np.where(receipt >= 0, paid, applied),
            "known_day": np.maximum(applied, to_days(allocations["known_on"])),
            "is_credit": receipt < 0,
        }
    )
    written = to_days(write_offs["written_off_on"])
    lost = pd.DataFrame(
        {
            "invoice": match(write_offs["invoice_id"], invoices["invoice_id"]),
            "amount": np.rint(100 * write_offs["amount"].to_numpy()).astype(np.int64),
            "applied_day": written,
            "paid_day": written,
            "known_day": written,
            "is_credit": False,
        }
    )
    steps = pd.concat([cash, lost], ignore_index=True)
    return steps.sort_values(["invoice", "applied_day", "amount"], kind="stable", ignore_index=True)


def _find_last_step(invoices: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    """Find the step that brought each invoice's open amount within the tolerance; NEVER where none did."""
    total = np.rint(100 * invoices["amount"].to_numpy()).astype(np.int64)
    left = total[steps["invoice"]] - steps.groupby("invoice")["amount"].cumsum()
    tolerance = np.maximum(100 * _TOLERANCE_AMOUNT, _TOLERANCE_SHARE * total)[steps["invoice"]]
    closing = steps[left <= tolerance].groupby("invoice").first()
    full = closing.reindex(np.arange(len(invoices)))
    days = full[["paid_day", "known_day"]].fillna(NEVER).astype("int64")
    last: pd.DataFrame = days.assign(is_credit=full["is_credit"].eq(True).to_numpy())
    return last


def shrink_late_rates(outcomes: pd.DataFrame, *, tolerance_days: int, known_day: Ints) -> Floats:
    """Late rate of each customer as of each issue, from what was known by then, shrunk to the portfolio's.

    The prior is the late rate of everything known by then, worth five invoices.

    Parameters
    ----------
    known_day : the day on which each invoice enters the history; NEVER = not at all.
    """
    enters = known_day < NEVER
    known = known_day[enters]
    late = (outcomes["ended_day"] > outcomes["due_day"] + tolerance_days).to_numpy()[enters].astype(float)
    codes = pd.factorize(outcomes["customer_id"])[0].astype(np.int64)
    asked = outcomes["issued_day"].to_numpy()
    count, total = _sum_before(known, late, asked)
    prior = np.where(count > 0, total / np.maximum(count, 1), late.mean())
    keys = codes[enters] * _WIDE + known
    count, total = _sum_before(keys, late, codes * _WIDE + asked, begin=codes * _WIDE)
    return (total + _PRIOR_STRENGTH * prior) / (count + _PRIOR_STRENGTH)


def _sum_before(keys: Ints, values: Floats, asked: Ints, begin: Ints | None = None) -> tuple[Floats, Floats]:
    """Count and sum of the values whose keys lie before each question (and not before its beginning)."""
    order = np.argsort(keys, kind="stable")
    sums = np.append(0.0, np.cumsum(values[order]))
    end = np.searchsorted(keys[order], asked, side="left")
    start = np.zeros_like(end) if begin is None else np.searchsorted(keys[order], begin, side="left")
    return (end - start).astype(float), sums[end] - sums[start]


def _log_loss(outcome: Floats, chance: Floats) -> float:
    safe = np.clip(chance, 1e-9, 1 - 1e-9)
    return float(-np.mean(outcome * np.log(safe) + (1 - outcome) * np.log(1 - safe)))


def _auc(outcome: Floats, score: Floats) -> float:
    """Chance that a case scores higher than a non-case, ties half (Mann-Whitney)."""
    ranks = pd.Series(score).rank().to_numpy()
    cases = outcome == 1
    count = float(cases.sum())
    return float((ranks[cases].sum() - count * (count + 1) / 2) / (count * (len(outcome) - count)))
