"""The rates of each method in an auditor pack, with the formulas that make each again from what was seen."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from arrisk.reports.audit_pack import AGAIN, Kind, Table

ITEMS = "items"
_IN_DEFAULT = "in default"
_GOINGS = ("stayed", "crossed", "written_off", "other")

_MATRIX_NOTE = (
    "own rate = lost / open, over all past steps whose outcome window is over; credibility = worth / (worth + prior "
    "strength); mixed rate = credibility x own rate + (1 - credibility) x pool rate; rate = (mixed rate x pool worth + "
    "prior) / (pool worth + 1 where there is a prior) x then lost. Worth is the evidence in customers."
)
_ROLL_NOTE = (
    "Of what was open in a step of 30 days: what went on in its chain, what crossed to the other chain, what was "
    "written off, and what was paid or credited. A segment's rate is drawn to that of all segments by the pool weight. "
    "p lost = written off + stayed x p lost one step older + crossed x p lost there, the last step being its own next. "
    "Where nothing was seen to go on or to be lost, half a customer does (the prior of Jeffreys)."
)
_MODEL_NOTE = (
    "Means by amount of what the payment curve says of each invoice, which stands in the sheet 'items': base amount x "
    "p lost x loss share, summed over the invoices, is the allowance."
)


def tabulate_matrix(rates: pd.DataFrame, *, prior_strength: float) -> Table:
    """Show the rates of the matrix: numerators, denominators, and each rate made again."""
    formulas: dict[str, str | Sequence[str | None]] = {
        f"{AGAIN}own_rate": "IF({open_amount}=0,0,{lost_amount}/{open_amount})",
        f"{AGAIN}pool_rate": "IF({pool_open_amount}=0,0,{pool_lost_amount}/{pool_open_amount})",
        f"{AGAIN}credibility": "{worth}/({worth}+{=prior_strength})",
        f"{AGAIN}mixed_rate": f"{{{AGAIN}credibility}}*{{{AGAIN}own_rate}}"
        f"+(1-{{{AGAIN}credibility}})*{{{AGAIN}pool_rate}}",
        f"{AGAIN}rate": f"({{{AGAIN}mixed_rate}}*{{pool_worth}}+{{prior}})/({{pool_worth}}+IF({{prior}}>0,1,0))"
        "*{then_lost}",
    }
    formulas |= _chain_again(rates)
    return Table(
        "matrix",
        "The provision matrix: rates of loss by segment and age",
        rates,
        _name_kinds(rates),
        formulas,
        constants={"prior_strength": prior_strength},
        note=_MATRIX_NOTE,
        shown=("segment", "bucket", "lost_amount", "open_amount", "losing_customers", "customers", "rate"),
    )


def _chain_again(rates: pd.DataFrame) -> dict[str, Sequence[str | None]]:
    """Make again what is lost of what comes into default, where a thin ledger's rates are chained."""
    is_chained = (rates["then_lost"] != 1.0).to_numpy()
    failed = np.flatnonzero((rates["segment"] == _IN_DEFAULT).to_numpy())
    if not is_chained.any() or not len(failed):
        return {}
    row = failed[0]
    again = f"({{{AGAIN}mixed_rate@{row}}}*{{pool_worth@{row}}}+0.5)/({{pool_worth@{row}}}+1)"
    return {f"{AGAIN}then_lost": [again if chained else None for chained in is_chained]}


def tabulate_rolls(rates: pd.DataFrame) -> Table:
    """Show the roll rates: amounts by where they went, and each rate made again."""
    rates = _complete(rates)
    rows = _Chains(rates)
    formulas: dict[str, Sequence[str | None]] = {
        f"{AGAIN}{going}_rate": [rows.rate(row, going) for row in range(len(rates))] for going in _GOINGS
    }
    formulas[f"{AGAIN}p_lost"] = [rows.follow(row) for row in range(len(rates))]
    columns = ("segment", "chain", "age", "written_off_amount", "open_amount", "customers", "stayed_rate", "p_lost")
    return Table(
        "roll-rate",
        "Roll rates: how amounts move from age to age",
        rates,
        _name_kinds(rates),
        formulas,
        note=_ROLL_NOTE,
        shown=columns,
        page=rates.loc[rates["segment"] == rows.pool],
    )


def _complete(rates: pd.DataFrame) -> pd.DataFrame:
    """Add the chain in default of each segment: what is cured there goes back to the segment's own chain."""
    rows = _Chains(rates)
    pooled = rates.loc[(rates["segment"] == rows.pool) & (rates["chain"] == rows.chains[-1])]
    parts = [rates]
    for segment in dict.fromkeys(rates["segment"]):
        if segment != rows.pool:
            own = rates.loc[rates["segment"] == segment]
            both = pd.concat([own, pooled.assign(segment=segment, pool_weight=1.0)], ignore_index=True)
            unknown = dict.fromkeys(("p_upper", "loss_days"), np.nan)
            parts.append(both.assign(p_lost=_solve(both), **unknown).iloc[len(own) :])
    # The pool stays last: its name is read there.
    is_last = rates["segment"] == rows.pool
    return pd.concat([rates.loc[~is_last], *parts[1:], rates.loc[is_last]], ignore_index=True)


def _solve(rates: pd.DataFrame) -> np.ndarray:
    """Give what is lost in the end of each row of one segment's two chains (absorbing chain, (I - Q)^-1)."""
    rows, size = _Chains(rates), len(rates)
    moves = np.zeros((size, size))
    for row in range(size):
        on, over = rows.lead(row)
        moves[row, on] += rates["stayed_rate"].iloc[row]
        moves[row, over] += rates["crossed_rate"].iloc[row]
    return np.asarray(np.linalg.solve(np.eye(size) - moves, rates["written_off_rate"].to_numpy()))


def tabulate_curve(rates: pd.DataFrame) -> Table:
    """Show what the payment curve expects of each segment and bucket."""
    return Table("model", "The payment curve: means by segment and age", rates, _name_kinds(rates), note=_MODEL_NOTE)


class _Chains:
    """Which row of the roll rates each row leads to."""

    def __init__(self, rates: pd.DataFrame) -> None:
        self.rates = rates
        keys = zip(rates["segment"], rates["chain"], rates["step"], strict=True)
        self.places = {
            (str(segment), str(chain), int(step)): place for place, (segment, chain, step) in enumerate(keys)
        }
        self.pool = str(rates["segment"].iloc[-1]) if len(rates) else ""
        self.chains = list(dict.fromkeys(rates["chain"].astype("str")))
        self.ends = {
            chain: (int(own.min()), int(own.max()))
            for chain, own in rates.groupby(rates["chain"].astype("str"))["step"]
        }

    def find(self, segment: str, chain: str, step: int) -> int:
        """Find the row of a step; a chain ends where its first and its last step are, and one may be for all."""
        first, last = self.ends[chain]
        near = min(max(step, first), last)
        return self.places.get((segment, chain, near), self.places.get((self.pool, chain, near), -1))

    def _read(self, row: int) -> tuple[str, str, int]:
        one = self.rates.iloc[row]
        return str(one["segment"]), str(one["chain"]), int(one["step"])

    def rate(self, row: int, going: str) -> str:
        """Write how the share of a row that goes one way is made."""
        segment, chain, step = self._read(row)
        share = f"IF({{open_amount}}=0,0,{{{going}_amount}}/{{open_amount}})"
        if segment != self.pool:
            pool = self.find(self.pool, chain, step)
            return f"(1-{{pool_weight}})*{share}+{{pool_weight}}*{{{AGAIN}{going}_rate@{pool}}}"
        return share if self._is_seen(row) else self._write_prior(row, going)

    def _is_seen(self, row: int) -> bool:
        """Say whether anything was seen to go on or, of the last step, to be lost."""
        one = self.rates.iloc[row]
        _, chain, step = self._read(row)
        lost = ["written_off_amount"] if chain == self.chains[-1] else ["crossed_amount", "written_off_amount"]
        return bool(one[lost if step == self.ends[chain][1] else [f"{name}_amount" for name in _GOINGS[:3]]].sum() > 0)

    def _write_prior(self, row: int, going: str) -> str:
        """Let half a customer go one way: on, and of the last step to a write-off."""
        _, chain, step = self._read(row)
        if step != self.ends[chain][1]:
            half = "0.5/({customers}+1)"
            return {"stayed": half, "other": f"1-{half}"}.get(going, "0")
        half, stayed = "0.5/({leavers}+1)", "IF({open_amount}=0,0,{stayed_amount}/{open_amount})"
        left = f"IF({stayed}<1,1-{stayed},1)"
        crossed = f"IF({{open_amount}}=0,0,{{crossed_amount}}/{{open_amount}})*(1-{half})"
        parts = {"stayed": f"1-{left}", "crossed": crossed, "written_off": f"{left}*{half}"}
        return parts.get(going, f"1-(1-{left})-{crossed}-{left}*{half}")

    def lead(self, row: int) -> tuple[int, int]:
        """Give the rows to which a row goes on, in its chain and in the other one."""
        segment, chain, step = self._read(row)
        across = next((name for name in self.chains if name != chain), chain)
        return self.find(segment, chain, step + 1), self.find(segment, across, step + 1)

    def follow(self, row: int) -> str:
        """Write how the share that is lost in the end is made of the rates and of what comes next."""
        on, over = self.lead(row)
        parts = f"{{{AGAIN}stayed_rate}}*{{p_lost@{on}}}+{{{AGAIN}crossed_rate}}*{{p_lost@{over}}}"
        return f"{{{AGAIN}written_off_rate}}+{parts}"


def tabulate_items(
    items: pd.DataFrame,
    *,
    methods: Sequence[str],
    booked: str,
    discount_rate: float,
    link: str | None,
) -> Table:
    """Show every open item with what each method expects of it, made again from the rates of the method's sheet.

    Parameters
    ----------
    items : one row per open item: invoice_id, customer_id, segment, pool_segment (before assessments), bucket, chain
        and roll_segment and roll_age (its row of the roll rates), open_amount, base_amount, loss_share,
        assessed_amount (missing = not assessed on its own); and for each method ``rate_METHOD`` (before scenarios),
        ``p_METHOD`` (what is booked), ``days_METHOD`` and ``expected_METHOD``.
    methods : their names.
    booked : that which is booked; it stands first.
    discount_rate : per year, on losses that come late.
    link : a formula of ``RATE`` and ``DAYS`` that gives p after scenarios; None = there are none.
    """
    formulas: dict[str, str] = {}
    for name in sorted(methods, key=lambda one: one != booked):
        if name in _LOOKUPS:
            formulas[f"{AGAIN}rate_{name}"] = _LOOKUPS[name]
        again = link.replace("RATE", f"{{rate_{name}}}").replace("DAYS", f"{{days_{name}}}") if link else None
        if again:
            formulas[f"{AGAIN}p_{name}"] = again
        own = f"{{base_amount}}*{{p_{name}}}*{{loss_share}}*(1+{{=discount_rate}})^(-{{days_{name}}}/365)"
        formulas[f"{AGAIN}expected_{name}"] = f'IF({{segment}}="individual",{{assessed_amount}},{own})'
    sums = ("open_amount", "base_amount", *(f"expected_{name}" for name in methods))
    return Table(
        ITEMS,
        "Every open item, and what is expected of it",
        items,
        _name_kinds(items),
        formulas,
        constants={"discount_rate": discount_rate},
        sums=sums,
        note="expected = base amount x p x loss share, discounted by the days until it is lost; of a customer assessed "
        "on its own it is what the assessment says. Rates are those before scenarios of the economy.",
        shown=(),
    )


_LOOKUPS = {
    "matrix": "SUMIFS({matrix!rate:},{matrix!segment:},{pool_segment},{matrix!bucket:},{bucket})",
    "roll-rate": "IF({base_amount}=0,{rate_roll-rate},SUMIFS({roll-rate!p_lost:},{roll-rate!segment:},{roll_segment},"
    "{roll-rate!chain:},{chain},{roll-rate!age:},{roll_age}))",
}


def write_link(
    scenarios: Sequence[tuple[float, Sequence[float]]], *, asset_correlation: float, days: int
) -> str | None:
    """Write the formula of a probability after scenarios, of ``RATE`` and ``DAYS``; None where there are none.

    Parameters
    ----------
    scenarios : the weight of each and its states, one for each period.
    asset_correlation : 0..1.
    days : the length of a period.
    """
    if not scenarios:
        return None
    parts = []
    for weight, path in scenarios:
        period = f"MIN(INT(DAYS/{days}),{len(path) - 1})+1"
        state = f"CHOOSE({period},{','.join(map(repr, path))})" if len(path) > 1 else repr(path[0])
        moved = f"(NORMSINV(RATE)-SQRT({asset_correlation!r})*{state})/SQRT(1-{asset_correlation!r})"
        parts.append(f"{weight!r}*NORMSDIST({moved})")
    return f"IF(RATE<=0,0,IF(RATE>=1,1,{'+'.join(parts)}))"


_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("customers", "losing_customers", "pool_customers", "pool_losing_customers", "leavers"), "count"),
    **dict.fromkeys(("count", "step", "days_past_due"), "count"),
    **dict.fromkeys(("credibility", "prior", "then_lost", "pool_weight", "loss_share", "uncovered_loss_share"), "rate"),
    **dict.fromkeys(("p_lost", "p_upper", "covered_share"), "rate"),
    "due_on": "day",
}


def _name_kinds(frame: pd.DataFrame) -> dict[str, Kind]:
    """Tell what columns hold by their names."""
    return {str(name): _tell_kind(str(name), frame[name]) for name in frame}


def _tell_kind(name: str, column: pd.Series) -> Kind:
    if name in _KINDS:
        return _KINDS[name]
    if name.endswith("_amount") or name.startswith("expected_"):
        return "amount"
    if name.endswith("_rate") or name.startswith(("rate", "p_")):
        return "rate"
    return "number" if pd.api.types.is_numeric_dtype(column) and column.dtype != bool else "words"
