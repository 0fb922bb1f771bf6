"""The tables of an auditor pack beside the rates: what is open, what is booked, how it moved, and how well it was."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from arrisk.reports.audit_pack import AGAIN, Kind, Table
from arrisk.reports.audit_rates import ITEMS

_ROWS = ("gross_amount", "base_amount", "allowance", "uncovered_allowance", "upper_allowance")
_OVERLAY = "overlay: "


def tabulate_words(name: str, title: str, frame: pd.DataFrame, *, note: str = "", is_shown: bool = True) -> Table:
    """Show a frame of words and counts as it is."""
    return Table(name, title, frame, guess_kinds(frame), note=note, shown=None if is_shown else ())


def tabulate_facts(name: str, title: str, facts: Mapping[str, object]) -> Table:
    """Show names with their values, where there is any."""
    rows = [(key.replace("_", " "), str(value)) for key, value in facts.items() if value is not None and value != ""]
    return Table(name, title, pd.DataFrame(rows, columns=["what", "value"], dtype="str"))


def tabulate_ageing(buckets: pd.DataFrame, *, has_items: bool) -> Table:
    """Show what is open by age, tied to the rows of the allowance and to the items.

    Parameters
    ----------
    buckets : bucket, count, amount, rows_amount (the same by the rows of the allowance).
    """
    formulas = {f"{AGAIN}amount": "SUMIFS({allowance!gross_amount:},{allowance!bucket:},{bucket})"}
    if has_items:
        formulas["items_amount"] = "SUMIFS({items!open_amount:},{items!bucket:},{bucket})"
    kinds: dict[str, Kind] = {"count": "count", "amount": "amount", "rows_amount": "amount", "items_amount": "amount"}
    sums = ("count", "amount", "rows_amount")
    title = "What is open, by age: the ageing, and the rows of the allowance"
    return Table("ageing", title, buckets, kinds, formulas, sums=sums)


def tabulate_rows(rows: pd.DataFrame, *, booked: str, decimals: int, has_items: bool) -> Table:
    """Show what is booked by segment and bucket, with its rate.

    Parameters
    ----------
    rows : of the allowance: segment, bucket, count, amounts, rate.
    booked : the method.
    decimals : of the currency; each row was rounded to them once.
    """
    formulas: dict[str, str | Sequence[str | None]] = {
        f"{AGAIN}rate": "IF({base_amount}=0,0,{allowance}/{base_amount})"
    }
    if has_items:
        formulas |= {
            f"{AGAIN}gross_amount": _sum_items("open_amount"),
            f"{AGAIN}allowance": [
                None if str(segment).startswith(_OVERLAY) else f"ROUND({_sum_items(f'expected_{booked}')},{decimals})"
                for segment in rows["segment"]
            ],
        }
    return Table(
        "allowance",
        "What is booked, by segment and age",
        rows,
        guess_kinds(rows),
        formulas,
        sums=("count", *_ROWS),
        note="rate = allowance / base amount. What is made again of the items leaves out overlays, which are rows of "
        "their own. Uncovered: had it no security or insurance. Upper: shown, never booked.",
    )


def _sum_items(column: str) -> str:
    return f"SUMIFS({{{ITEMS}!{column}:}},{{{ITEMS}!segment:}},{{segment}},{{{ITEMS}!bucket:}},{{bucket}})"


def tabulate_methods(rows: pd.DataFrame, *, decimals: int, has_items: bool) -> Table:
    """Show the rows of each method, made again from the items.

    Parameters
    ----------
    rows : method, segment, bucket, base_amount, allowance.
    """
    methods, segments = rows["method"].astype("str"), rows["segment"].astype("str")
    again = [
        None if segment.startswith(_OVERLAY) else f"ROUND({_sum_items(f'expected_{method}')},{decimals})"
        for method, segment in zip(methods, segments, strict=True)
    ]
    return Table(
        "rows of methods",
        "Every method by segment and age",
        rows,
        guess_kinds(rows),
        {f"{AGAIN}allowance": again} if has_items else {},
        shown=(),
    )


def tabulate_overlays(register: pd.DataFrame) -> Table:
    """Show what people added to the method, and what each comes to."""
    again = f'SUMIFS({{allowance!allowance:}},{{allowance!segment:}},"{_OVERLAY}"&{{name}})'
    title = "Overlays: what people add, who stands for it, and until when"
    return Table("overlays", title, register, guess_kinds(register), {f"{AGAIN}allowance": again})


def tabulate_cover(cover: pd.DataFrame) -> Table:
    """Show what security and insurance take off."""
    again = {f"{AGAIN}cover_effect": "{net_allowance}-{gross_allowance}"}
    sums = ("base_amount", "gross_allowance", "cover_effect", "net_allowance")
    return Table("cover", "Gross and net of security and insurance", cover, guess_kinds(cover), again, sums=sums)


def tabulate_frameworks(differences: pd.DataFrame, parts: Sequence[str]) -> Table:
    """Show IFRS 9 beside ASC 326, the difference in parts that sum to it."""
    again = {f"{AGAIN}difference": "+".join(f"{{{name}}}" for name in parts)}
    names = ("ifrs9_amount", "asc326_amount", "difference", *parts)
    kinds: dict[str, Kind] = dict.fromkeys(names, "amount")
    return Table("frameworks", "IFRS 9 beside ASC 326", differences, kinds, again, sums=names)


def tabulate_presumption(rates: pd.DataFrame, text: str) -> Table:
    """Show what became of what was 30, 60 and 90 days past due."""
    again = {f"{AGAIN}share": "IF({past_due}=0,0,{written_off}/{past_due})"}
    kinds: dict[str, Kind] = {
        "days_past_due": "count",
        **dict.fromkeys(("past_due", "written_off", "still_open"), "amount"),
        **dict.fromkeys(("share", "low", "high"), "rate"),
        "customers": "number",
    }
    title = "Default no later than 90 days past due: what the ledger says"
    return Table("90 days", title, rates, kinds, again, note=text)


def tabulate_movement(name: str, title: str, lines: Iterable[tuple[str, int, float]]) -> Table:
    """Show how a balance moved: the last line is made again of the others.

    Parameters
    ----------
    lines : its name, its sign (1 or -1), its amount.
    """
    frame = pd.DataFrame(list(lines), columns=["line", "sign", "amount"])
    last = len(frame) - 1
    again = "+".join(f"{{sign@{row}}}*{{amount@{row}}}" for row in range(last))
    formulas = {f"{AGAIN}amount": [None if row < last else again for row in range(len(frame))]}
    return Table(name, title, frame, {"sign": "count", "amount": "amount"}, formulas, shown=("line", "amount"))


def tabulate_hits(buckets: pd.DataFrame, methods: Sequence[str]) -> Table:
    """Show by bucket what was lost of past closes and what each method had expected."""
    again = {f"{AGAIN}hit_{name}": f"IF({{{name}}}>0,{{lost_amount}}/{{{name}}},0)" for name in methods}
    kinds = guess_kinds(buckets) | dict.fromkeys(methods, "amount") | {f"hit_{name}": "number" for name in methods}
    title = "Past closes by bucket: what was lost over what was expected"
    return Table(
        "back-test buckets", title, buckets, kinds, again, note="1 = right, above 1 = too little was set aside."
    )


def guess_kinds(frame: pd.DataFrame) -> dict[str, Kind]:
    """Tell what columns hold by their names."""
    return {str(name): _guess(str(name), frame[name]) for name in frame}


def _guess(name: str, column: pd.Series) -> Kind:
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return "words"
    if name.endswith(("amount", "allowance", "total")) or name in _AMOUNTS:
        return "amount"
    if name == "rate" or name.endswith(("_rate", "error")) or name in {"weight", "gain", "share"}:
        return "rate"
    return "count" if pd.api.types.is_integer_dtype(column) else "number"


_AMOUNTS: frozenset[str] = frozenset(
    ("debit", "credit", "performing", "in_default", "individual", "overlays", "low", "base", "high", "matrix")
) | {"roll-rate", "model"}


def scale_amounts(rows: Iterable[Mapping[Any, Any]], names: Sequence[str], *, decimals: int) -> pd.DataFrame:
    """Give rows whose amounts are minor units as a frame in major units."""
    frame = pd.DataFrame([dict(row) for row in rows])
    known = [name for name in names if name in frame]
    return frame.assign(**{name: frame[name].astype("float64") / 10.0**decimals for name in known})
