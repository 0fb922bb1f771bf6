"""Pieces of a page that stands on its own: text that is escaped, tables, drawings, and the sheet around them."""

import math
import re
from collections.abc import Iterable, Sequence
from html import escape

NONE = "–"
"""Stands where a figure could not be measured."""

_STYLE = """
:root { color-scheme: light; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 56rem; background: #fff; color: #1f2933;
  font: 16px/1.55 "Segoe UI", "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  overflow-wrap: break-word; }
h1 { margin: 0; font-size: 1.7rem; line-height: 1.25; }
h2 { margin: 2.6rem 0 .4rem; padding-top: .9rem; border-top: 1px solid #cfd6dd; font-size: 1.2rem; }
h3 { margin: 1.5rem 0 .3rem; font-size: 1rem; }
p, ul, dl { margin: .4rem 0 .8rem; max-width: 44rem; }
p.quiet, figcaption, caption { color: #56616d; font-size: .87rem; }
p.answer { padding: .8rem 1rem; border-left: 4px solid #1f6fb2; background: #f1f6fb; font-size: 1.08rem; }
ul { padding-left: 1.2rem; }
dt { font-weight: 600; }
dd { margin: 0 0 .5rem; }
.scroll { overflow-x: auto; }
table { margin: .5rem 0 1rem; min-width: 26rem; border-collapse: collapse; font-size: .9rem;
  font-variant-numeric: tabular-nums; }
caption { padding-bottom: .25rem; text-align: left; }
th, td { padding: .26rem .75rem; border-bottom: 1px solid #e3e7eb; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0; text-align: left; white-space: normal; }
td:first-child { min-width: 8rem; overflow-wrap: anywhere; }
th.words, td.words { text-align: left; white-space: normal; overflow-wrap: anywhere; }
thead th { border-bottom-color: #66727f; color: #56616d; font-weight: 600; vertical-align: bottom; }
tr.marked td { background: #f1f6fb; font-weight: 600; }
figure { margin: 1rem 0 1.2rem; }
figure svg { display: block; width: 100%; height: auto; }
@page { margin: 16mm 14mm; }
@media print {
  body { padding: 0; max-width: none; font-size: 10.5pt; }
  h2, h3 { break-after: avoid; }
  figure, table, p.answer { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What the page may load: nothing but itself."""


def make_page(title: str, body: Iterable[str]) -> str:
    """Put the parts of a page, already written as HTML, on a sheet that needs no network.

    Parameters
    ----------
    title : plain text; it also heads the page.
    body : parts as HTML; empty ones are left out.
    """
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
    )
    parts = [f"<h1>{escape(title)}</h1>", *(part for part in body if part)]
    return head + "\n".join(parts) + "\n</main>\n</body>\n</html>\n"


def make_section(title: str, *parts: str, level: int = 2) -> str:
    """Put a heading over parts written as HTML; nothing where all parts are empty."""
    kept = [part for part in parts if part]
    return "\n".join([f"<h{level}>{escape(title)}</h{level}>", *kept]) if kept else ""


def make_paragraph(text: str, *, role: str = "") -> str:
    """Write plain text as a paragraph.

    Examples
    --------
    >>> make_paragraph("A < B", role="quiet")
    '<p class="quiet">A &lt; B</p>'
    """
    return f'<p class="{role}">{escape(text)}</p>' if role else f"<p>{escape(text)}</p>"


def make_list(items: Iterable[str]) -> str:
    """Write plain texts as a list."""
    return "<ul>\n" + "\n".join(f"<li>{escape(item)}</li>" for item in items) + "\n</ul>"


def make_terms(terms: Iterable[tuple[str, str]]) -> str:
    """Write words and what they mean."""
    return "<dl>\n" + "\n".join(f"<dt>{escape(word)}</dt><dd>{escape(said)}</dd>" for word, said in terms) + "\n</dl>"


def make_table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    caption: str = "",
    marked: frozenset[int] = frozenset(),
    words: frozenset[int] = frozenset({0}),
) -> str:
    """Write a table of plain text; nothing where it has no rows.

    Parameters
    ----------
    head : the columns' names.
    rows : one text per column.
    caption : what the table shows.
    marked : positions of the rows that stand out.
    words : positions of the columns that hold words, set left and broken into lines; the first always does, the
        others are set right.
    """
    if not rows:
        return ""
    kinds = [" class=words" if place in words - {0} else "" for place in range(len(head))]
    names = "".join(
        f'<th scope="col"{kind}>{escape(name)}</th>' if name else f"<td{kind}></td>"
        for kind, name in zip(kinds, head, strict=True)
    )
    lines = [
        f"<tr{' class=marked' if place in marked else ''}>"
        + "".join(f"<td{kind}>{escape(cell)}</td>" for kind, cell in zip(kinds, row, strict=True))
        + "</tr>"
        for place, row in enumerate(rows)
    ]
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    body = "\n".join(lines)
    return f'<div class="scroll"><table>{said}<thead><tr>{names}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'


def make_figure(svg: bytes, *, name: str, alt: str, caption: str = "") -> str:
    """Put a drawing into the page.

    Parameters
    ----------
    svg : the bytes of an SVG file.
    name : sets its ids apart from those of the page's other drawings; letters, digits and underscores.
    alt : what it shows, for those who do not see it.
    caption : is put below it.
    """
    drawing = svg.decode("utf-8")
    drawing = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", drawing[drawing.index("<svg") :], flags=re.DOTALL)
    drawing = re.sub(r'(\bid="|href="#|url\(#)', rf"\1{name}-", drawing)
    drawing = drawing.replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1)
    drawing = re.sub(r'(<svg[^>]*?) width="[^"]*pt" height="[^"]*pt"|(<svg[^>]*?) height="[^"]*pt"', r"\1\2", drawing)
    said = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f"<figure>{drawing}{said}</figure>"


def format_figure(value: float | None, *, digits: int = 3) -> str:
    """Write a figure; what could not be measured is a dash.

    Examples
    --------
    >>> format_figure(0.55889), format_figure(None), format_figure(-0.0001), format_figure(28994, digits=0)
    ('0.559', '–', '0.000', '28,994')
    """
    if value is None or not math.isfinite(value):
        return NONE
    return f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", "−")


def format_share(value: float | None, *, digits: int = 1) -> str:
    """Write a share in per cent.

    Examples
    --------
    >>> format_share(0.3692), format_share(None)
    ('36.9 %', '–')
    """
    return NONE if value is None or not math.isfinite(value) else f"{format_figure(100 * value, digits=digits)} %"
