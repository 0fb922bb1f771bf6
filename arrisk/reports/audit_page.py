"""The page of an auditor pack: what it says in short, then each table that is short enough to read and print."""

from collections.abc import Mapping, Sequence

from arrisk.reports.audit_pack import Kind, Pack, Table, to_plain
from arrisk.reports.html import (
    NONE,
    format_figure,
    format_share,
    make_list,
    make_page,
    make_paragraph,
    make_section,
    make_table,
)

_FULL_READING = (
    "Every table is a sheet of allowance.xlsx too, with those that are too long for a page. In it the columns that "
    "begin with 'again' are formulas: they make a figure of the column of that name from its numerators, denominators "
    "and rates, so that both can be compared. The same values are in report.json."
)

_LONG = 24
"""Letters from which on a text may be broken into lines."""


def render_page(pack: Pack, figures: Mapping[str, str]) -> str:
    """Write the page.

    Parameters
    ----------
    pack : what it says.
    figures : drawings written as HTML, put below the sentence that it begins with.
    """
    tables = [_render(table, pack.decimals) for table in pack.tables]
    return make_page(
        pack.title,
        [
            make_paragraph(pack.answer, role="answer"),
            make_paragraph(_FULL_READING, role="quiet"),
            *figures.values(),
            make_section("What a reader has to know", make_list(pack.notes)) if pack.notes else "",
            *tables,
        ],
    )


def _render(table: Table, decimals: int) -> str:
    columns = tuple(map(str, table.frame)) if table.shown is None else table.shown
    note = make_paragraph(table.note, role="quiet") if table.note else ""
    if not columns:
        said = f"{len(table.frame):,} rows, in the sheet '{table.name}' of allowance.xlsx."
        return make_section(table.title, make_paragraph(said), note)
    if table.frame.empty:
        return make_section(table.title, make_paragraph("Nothing."))
    frame = table.frame if table.page is None else table.page
    left = f"{len(frame):,} of {len(table.frame):,} rows; the others are in the sheet '{table.name}'."
    more = make_paragraph(left, role="quiet") if len(frame) < len(table.frame) else ""
    kinds = [table.read_kind(name) for name in columns]
    rows = [
        [_write(value, kind, decimals) for value, kind in zip(row, kinds, strict=True)]
        for row in frame[list(columns)].itertuples(index=False)
    ]
    if table.sums:
        rows.append(_sum(table, columns, kinds, decimals))
    # Short names stay in one line; only what is long may be broken.
    words = frozenset(place for place, cells in enumerate(zip(*rows, strict=True)) if max(map(len, cells)) > _LONG)
    marked = frozenset({len(rows) - 1}) if table.sums else frozenset[int]()
    head = [name.replace("_", " ") for name in columns]
    return make_section(table.title, note, make_table(head, rows, marked=marked, words=words), more)


def _sum(table: Table, columns: Sequence[str], kinds: Sequence[Kind], decimals: int) -> list[str]:
    sums = [
        _write(float(table.frame[name].sum()), kind, decimals) if name in table.sums else ""
        for name, kind in zip(columns, kinds, strict=True)
    ]
    return ["total", *sums[1:]]


def _write(value: object, kind: Kind, decimals: int) -> str:
    plain = to_plain(value)
    if plain is None:
        return NONE
    if isinstance(plain, bool):
        return "yes" if plain else "no"
    if isinstance(plain, str):
        return plain
    if kind == "rate":
        return format_share(plain, digits=2)
    if kind == "amount":
        return format_figure(plain, digits=decimals)
    whole = isinstance(plain, int) or kind == "count"
    return format_figure(plain, digits=0 if whole else 4)
