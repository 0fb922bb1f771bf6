"""A sheet as a page for the browser, that needs nothing beside it."""

from collections.abc import Iterable

from arrisk.reports.html import make_figure, make_list, make_page, make_paragraph, make_section, make_table
from arrisk.reports.sheet import Columns, Listing, Paragraph, Part, Picture, Section, Sheet, Table

_STYLE = """<style>
body { max-width: 68rem; padding-top: 1rem; font-size: 13px; line-height: 1.4; }
p, ul { max-width: none; }
h2 { margin: .8rem 0 .2rem; padding-top: .4rem; font-size: 1.05rem; }
table { min-width: 0; width: 100%; margin: .2rem 0 .4rem; }
th, td { padding: .1rem .5rem; }
figure { margin: .4rem 0; }
.two { display: grid; grid-template-columns: 2fr 3fr; column-gap: 1.6rem; }
@media (max-width: 45rem) { .two { display: block; } }
@media print { body { font-size: 7.6pt; } @page { margin: 9mm; } }
</style>"""


def render_html(sheet: Sheet) -> str:
    """Write a sheet as a page.

    Examples
    --------
    >>> "<p>A &lt; B</p>" in render_html(Sheet("A and B", [Paragraph("A < B")]))
    True
    """
    return make_page(sheet.title, [_STYLE, *(_render(part) for part in sheet.parts)])


def _render(part: Part) -> str:
    match part:
        case Paragraph():
            return make_paragraph(part.text, role=part.role)
        case Listing():
            return make_list(part.items)
        case Table():
            return make_table(part.head, part.rows, caption=part.caption, marked=part.marked, words=part.words)
        case Picture():
            return make_figure(part.draw(".svg"), name=part.name, alt=part.alt, caption=part.caption)
        case Section():
            return make_section(part.title, *(_render(one) for one in part.parts))
        case Columns():
            return f'<div class="two"><div>{_join(part.left)}</div><div>{_join(part.right)}</div></div>'


def _join(parts: Iterable[Part]) -> str:
    return "".join(_render(part) for part in parts)
