"""A sheet as a PDF: on one A4 page where it fits, with further pages where it does not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from textwrap import shorten
from typing import Any
from xml.sax.saxutils import escape

from reportlab import platypus
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFDocument, PDFInfo, PDFString
from reportlab.pdfgen.canvas import Canvas

from arrisk.reports.drawing import BLUE, GRID, INK, QUIET
from arrisk.reports.pdf_letters import BOLD, PLAIN, compose, list_unset, load_letters, measure
from arrisk.reports.sheet import Columns, Listing, Paragraph, Part, Picture, Section, Sheet, Table

_SIDE, _TOP, _BOTTOM, _FOOT = 13 * mm, 11 * mm, 14 * mm, 8 * mm
_WIDTH, _HEIGHT = A4[0] - 2 * _SIDE, A4[1] - _TOP - _BOTTOM
_GUTTER = 5 * mm
_LEFT_SHARE = 0.4
# In points, the first at which one page is enough; where none is, the first.
_SIZES = (7.5, 7.0, 6.5)
_TINT = "#f1f6fb"
_PADDING = 3.0
_FOOT_LETTERS = 90
_KEPT_LINES = 8


def render_pdf(sheet: Sheet) -> bytes:
    """Write a sheet as a PDF; the same sheet is the same file.

    Letters that its font cannot set are named at the end.
    """
    load_letters()
    drawings: dict[str, bytes] = {}
    for size in _SIZES:
        written, pages = _lay_out(sheet, _Setter(size, drawings), pages=1)
        if pages == 1:
            return written
    setter = _Setter(_SIZES[0], drawings)
    _, pages = _lay_out(sheet, setter, pages=1)
    return _lay_out(sheet, setter, pages=pages)[0]


def _lay_out(sheet: Sheet, setter: "_Setter", *, pages: int) -> tuple[bytes, int]:
    """Lay the sheet out as if it had so many pages, and tell how many it has."""
    buffer = BytesIO()
    named = shorten(compose(sheet.title), _FOOT_LETTERS, placeholder="…")

    def write_foot(canvas: Canvas, document: platypus.BaseDocTemplate) -> None:
        canvas.setFont(PLAIN, _SIZES[-1])
        canvas.setFillColor(QUIET)
        canvas.drawRightString(A4[0] - _SIDE, _FOOT, f"{named} · page {document.page} of {pages}")

    document = platypus.BaseDocTemplate(
        buffer,
        pagesize=A4,
        title=sheet.title,
        lang="en",
        displayDocTitle=True,
        initialFontName=PLAIN,
        invariant=1,
        pageCompression=1,
    )
    frame = platypus.Frame(_SIDE, _BOTTOM, _WIDTH, _HEIGHT, 0, 0, 0, 0)
    document.addPageTemplates(platypus.PageTemplate(frames=[frame], onPage=write_foot))
    document.build(list(setter.set_sheet(sheet)), canvasmaker=_UndatedCanvas)
    return buffer.getvalue(), document.page


@dataclass
class _Setter:
    """Sets parts in letters of one size.

    Parameters
    ----------
    size : of the letters, in points.
    drawings : by name, kept from one try to the next.
    texts : all that was set.
    """

    size: float
    drawings: dict[str, bytes]
    texts: set[str] = field(default_factory=set)

    def set_sheet(self, sheet: Sheet) -> Iterator[platypus.Flowable]:
        yield self._text(sheet.title, font=BOLD, scale=1.7, spaceAfter=0.4 * self.size)
        for part in sheet.parts:
            # No heading is left alone at the foot of a page, and a long table still begins right below its own.
            yield platypus.CondPageBreak(_KEPT_LINES * self.size if isinstance(part, Section) else 0)
            yield from self._set(part, _WIDTH)
        unset = list_unset(self.texts)
        if unset:
            named = ", ".join(f"U+{ord(letter):04X}" for letter in unset)
            yield self._text(f"Letters that stand here otherwise than written: {named}. A .html page has them.")

    def _set(self, part: Part, width: float) -> Iterator[platypus.Flowable]:
        match part:
            case Paragraph(role="answer"):
                yield self._set_answer(part, width)
            case Paragraph():
                yield self._text(part.text, color=QUIET if part.role == "quiet" else INK, spaceAfter=0.4 * self.size)
            case Listing():
                yield from (self._text(f"• {item}") for item in part.items)
            case Table():
                yield from self._set_table(part, width)
            case Picture():
                yield from self._set_picture(part, width)
            case Section():
                inside = self._set_all(part.parts, width)
                yield from [self._head(part.title), *inside] if inside else []
            case Columns():
                yield from self._set_columns(part, width)

    def _set_all(self, parts: Sequence[Part], width: float) -> list[platypus.Flowable]:
        return [flowable for part in parts for flowable in self._set(part, width)]

    def _head(self, title: str) -> platypus.Flowable:
        return self._text(title, font=BOLD, scale=1.2, spaceBefore=0.8 * self.size)

    def _text(
        self, text: str, *, font: str = PLAIN, color: str = INK, scale: float = 1.0, **changes: Any
    ) -> platypus.Paragraph:
        composed, size = compose(text), scale * self.size
        self.texts.add(composed)
        style = ParagraphStyle(
            "", fontName=font, fontSize=size, leading=1.3 * size, textColor=HexColor(color), **changes
        )
        return platypus.Paragraph(escape(composed), style)

    def _set_answer(self, part: Paragraph, width: float) -> platypus.Flowable:
        rules: list[Any] = [
            *_pad(3, 4, 8),
            ("BACKGROUND", (0, 0), (-1, -1), _TINT),
            ("LINEBEFORE", (0, 0), (0, -1), 2.5, BLUE),
        ]
        text = [[self._text(part.text, scale=1.2)]]
        return platypus.Table(text, colWidths=[width], style=rules, splitInRow=1, spaceAfter=0.4 * self.size)

    def _set_picture(self, part: Picture, width: float) -> Iterator[platypus.Flowable]:
        if part.name not in self.drawings:
            self.drawings[part.name] = part.draw(".png")
        drawing = self.drawings[part.name]
        across, down = ImageReader(BytesIO(drawing)).getSize()
        yield platypus.Image(BytesIO(drawing), width=width, height=width * down / across)
        yield self._text(part.caption, color=QUIET, spaceAfter=0.4 * self.size)

    def _set_columns(self, part: Columns, width: float) -> Iterator[platypus.Flowable]:
        """Set parts side by side; below each other where they would not fit on a page."""
        inner = width - _GUTTER
        widths = [_LEFT_SHARE * inner, inner - _LEFT_SHARE * inner]
        cells = [self._set_all(parts, room) for parts, room in zip((part.left, part.right), widths, strict=True)]
        rules = _pad(0, 0, 0)
        table = platypus.Table([[cells[0], "", cells[1]]], colWidths=[widths[0], _GUTTER, widths[1]], style=rules)
        if table.wrap(width, _HEIGHT)[1] <= _HEIGHT:
            yield table
        else:
            yield from self._set_all([*part.left, *part.right], width)

    def _set_table(self, part: Table, width: float) -> Iterator[platypus.Flowable]:
        if not part.rows:
            return
        if part.caption:
            yield self._text(part.caption, color=QUIET)
        lines = [part.head, *part.rows]
        fonts = [BOLD if place - 1 in part.marked else PLAIN for place in range(len(lines))]
        needs = [
            max(measure(compose(line[place]), font=BOLD, size=self.size) for line in lines) + 2 * _PADDING + 0.1
            for place in range(len(part.head))
        ]
        rows = [
            [
                self._text(cell, font=font, color=INK if row else QUIET, **({} if place in part.words else _RIGHT))
                for place, cell in enumerate(line)
            ]
            for row, (line, font) in enumerate(zip(lines, fonts, strict=True))
        ]
        rules: list[Any] = [
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, GRID),
            ("LINEBELOW", (0, 0), (-1, 0), 0.5, QUIET),
            *_pad(0.1 * self.size, 0.3 * self.size, _PADDING),
            *(("BACKGROUND", (0, place + 1), (-1, place + 1), _TINT) for place in sorted(part.marked)),
        ]
        widths = share_width(needs, width, spare_to=max(part.words, default=0))
        yield platypus.Table(
            rows, colWidths=widths, repeatRows=1, splitInRow=1, style=rules, spaceAfter=0.4 * self.size
        )


_RIGHT = {"alignment": TA_RIGHT}


def share_width(needs: Sequence[float], width: float, *, spare_to: int) -> list[float]:
    """Give each column what it needs; where that is too much, the widest ones share what the others leave.

    Examples
    --------
    >>> share_width([50, 20], 100, spare_to=0)
    [80.0, 20.0]
    >>> share_width([500, 20, 300], 100, spare_to=0)
    [40.0, 20.0, 40.0]
    """
    most, left = float(width), len(needs)
    for need in sorted(needs):
        if need * left >= most:
            break
        most, left = most - need, left - 1
    widths = [min(float(need), most / max(left, 1)) for need in needs] if left else [float(need) for need in needs]
    widths[spare_to] += width - sum(widths)
    return widths


def _pad(top: float, bottom: float, sides: float) -> list[Any]:
    """Give the rules that every table has; without the font it would name one that is not in the file."""
    paddings = {"TOP": top, "BOTTOM": bottom, "LEFT": sides, "RIGHT": sides}
    every = [("FONTNAME", PLAIN), ("VALIGN", "TOP"), *((f"{side}PADDING", wide) for side, wide in paddings.items())]
    return [(rule, (0, 0), (-1, -1), value) for rule, value in every]


class _Undated(PDFInfo):
    """What the file says of itself; no date, so that the same sheet is the same file."""

    def format(self, document: PDFDocument) -> bytes:
        return PDFDictionary({"Title": PDFString(self.title), "Creator": PDFString("arrisk")}).format(document)


class _UndatedCanvas(Canvas):
    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._doc.info = _Undated()  # type: ignore[attr-defined] # not in its stubs
