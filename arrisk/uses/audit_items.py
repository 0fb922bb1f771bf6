"""Every open item of a close with what each method expects of it, and the rates that it comes from."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from arrisk.allowance.estimates import Allowance, Estimate
from arrisk.allowance.exposures import IN_DEFAULT, INDIVIDUAL, Exposures
from arrisk.allowance.methods.roll_cells import number_steps
from arrisk.allowance.methods.roll_rate import PERFORMING, POOL
from arrisk.allowance.scenarios import PERIOD_DAYS, read_scenarios
from arrisk.frames import NEVER, day_of, match, to_days
from arrisk.ingest.harmless import defuse_frame
from arrisk.money import exponent
from arrisk.policy import Policy
from arrisk.reports.audit_pack import Table
from arrisk.reports.audit_rates import tabulate_curve, tabulate_items, tabulate_matrix, tabulate_rolls, write_link
from arrisk.schema import Book

MOST_ITEMS = 100_000
"""With more open items they are a file of their own: no spreadsheet program computes so many formulas."""

_TABLES = {"roll-rate": tabulate_rolls, "model": tabulate_curve}


def list_items(
    whole: Exposures,
    plain: Mapping[str, Estimate],
    weighted: Mapping[str, Estimate],
    allowances: Mapping[str, Allowance],
    *,
    policy: Policy,
) -> pd.DataFrame:
    """List the open items of a close with what each method expects of them.

    Parameters
    ----------
    whole : the open items of the whole book.
    plain, weighted : by method, of the same items: before and after scenarios of the economy.
    allowances : by method, of the items of the close; the first is booked.
    policy : whether cover lowers what is booked.

    Returns
    -------
    DataFrame
        As ``tabulate_items`` takes it.
    """
    booked = next(iter(allowances.values()))
    unit = 10.0 ** exponent(whole.currency)
    own = booked.items
    place = match(own["invoice_id"], whole.items["invoice_id"])
    first = next(iter(plain.values()))
    share = first.uncovered_loss_share if policy.allowance.cover == "gross" else first.loss_share
    is_assessed = (own["segment"] == INDIVIDUAL).to_numpy()
    expected = {name: one.items["expected_loss"].to_numpy() / unit for name, one in allowances.items()}
    columns: dict[str, object] = {
        name: own[name] for name in ("invoice_id", "customer_id", "kind", "segment", "due_on", "days_past_due")
    }
    columns |= {
        "bucket": own["bucket"].astype("str"),
        "pool_segment": whole.items["segment"].iloc[place].reset_index(drop=True),
        **_place_in_chains(whole, place, plain),
        "open_amount": own["open_amount"] / unit,
        "base_amount": own["base_amount"] / unit,
        "covered_share": own["covered_share"],
        "loss_share": share[place],
        "assessed_amount": np.where(is_assessed, next(iter(expected.values())), np.nan),
    }
    for name in allowances:
        columns[f"rate_{name}"] = plain[name].p_lost[place]
        columns[f"p_{name}"] = weighted[name].p_lost[place]
        columns[f"days_{name}"] = weighted[name].loss_days[place]
        columns[f"expected_{name}"] = expected[name]
    return pd.DataFrame(columns)


def _place_in_chains(whole: Exposures, place: np.ndarray, plain: Mapping[str, Estimate]) -> dict[str, object]:
    """Name the row of the roll rates that each item has its rate of."""
    if "roll-rate" not in plain:
        return {}
    rates, items = plain["roll-rate"].rates, whole.items.iloc[place]
    due = to_days(items["due_on"])
    step = number_steps(np.where(due < NEVER, day_of(whole.as_of) - due, 0))
    chain = np.where(items["is_in_default"], IN_DEFAULT, PERFORMING)
    segment = np.where(items["segment"].isin(rates["segment"]) & (chain == PERFORMING), items["segment"], POOL)
    age = np.full(len(items), "", dtype=object)
    for name, rows in rates.loc[rates["segment"] == POOL].groupby("chain"):
        chosen = chain == name
        steps = rows["step"].to_numpy()
        age[chosen] = rows["age"].to_numpy()[np.clip(step[chosen], steps[0], steps[-1]) - steps[0]]
    return {"chain": chain, "roll_segment": segment, "roll_age": age}


def show_items(items: pd.DataFrame, book: Book, allowances: Mapping[str, Allowance], policy: Policy) -> Table:
    """Show every open item, each expectation made again."""
    names = list(allowances)
    scenarios = read_scenarios(policy.allowance, book, as_of=allowances[names[0]].as_of)
    link = write_link(
        [(one.weight, one.z) for one in scenarios],
        asset_correlation=policy.allowance.asset_correlation,
        days=PERIOD_DAYS,
    )
    return tabulate_items(
        items, methods=names, booked=names[0], discount_rate=policy.allowance.discount_rate, link=link
    )


def show_rates(plain: Mapping[str, Estimate], policy: Policy) -> list[Table]:
    """Show the rates of each method that has any."""
    made = []
    for name, estimate in plain.items():
        if name == "matrix":
            made.append(tabulate_matrix(estimate.rates, prior_strength=policy.allowance.prior_strength))
        elif name in _TABLES:
            made.append(_TABLES[name](estimate.rates))
    return made


def write_items(items: pd.DataFrame) -> bytes:
    """Write the items as CSV, harmless for spreadsheet programs."""
    return defuse_frame(items).to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n").encode()
