"""The workbook of an auditor pack: one sheet a table, numbers as numbers, and formulas that make figures again."""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from arrisk.reports.audit_pack import Kind, Pack, Table, to_plain

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet as Sheet

_BOLD, _QUIET = Font(bold=True), Font(italic=True, color="56616D")
_COMMANDS = ("=", "+", "-", "@", "\t", "\r")
"""What begins a formula when a person types it."""

_REFERENCE = re.compile(r"\{([^{}]+)\}")
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_WORDS = {True: "yes", False: "no"}
_WIDEST, _LONGEST = 60, 32_000


def render_workbook(pack: Pack) -> bytes:
    """Write the tables of a pack into a workbook; the same pack gives the same bytes.

    Text is text, whatever it begins with, so that no name in the ledger runs as a formula.
    """
    book = Workbook(write_only=True)
    plans = {table.name: _Plan(table) for table in pack.tables}
    for plan in plans.values():
        sheet = book.create_sheet(plan.table.name)
        plan.size(sheet)
        for row in plan.list_rows(sheet, plans, pack.decimals):
            sheet.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return _fix_times(buffer.getvalue(), pack.dated)


class _Plan:
    """Where everything of a table stands on its sheet."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.columns = [str(name) for name in table.frame]
        self.names = [*self.columns, *table.formulas]
        self.letters = {name: get_column_letter(place + 1) for place, name in enumerate(self.names)}
        above = 1 + bool(table.note) + len(table.constants)
        self.constants = {name: f"$B${2 + bool(table.note) + place}" for place, name in enumerate(table.constants)}
        self.header = above + 2
        self.first, self.last = self.header + 1, self.header + max(len(table.frame), 1)

    def size(self, sheet: "Sheet") -> None:
        """Make columns wide enough, and keep the header in sight."""
        sheet.freeze_panes = f"A{self.first}"
        for name, letter in self.letters.items():
            texts = [str(to_plain(value)) for value in self.table.frame[name].head(200)] if name in self.columns else []
            sheet.column_dimensions[letter].width = min(max(map(len, [name, "1,000,000.00", *texts])) + 2, _WIDEST)

    def list_rows(
        self, sheet: "Sheet", plans: Mapping[str, "_Plan"], decimals: int
    ) -> Iterator[list[Cell | float | None]]:
        """Give the rows from the first on."""
        yield [_write_text(sheet, self.table.title, _BOLD)]
        if self.table.note:
            yield [_write_text(sheet, self.table.note, _QUIET)]
        for name, value in self.table.constants.items():
            yield [_write_text(sheet, name.replace("_", " ")), value]
        yield []
        yield [_write_text(sheet, name.replace("_", " "), _BOLD) for name in self.names]
        kinds = [self.table.read_kind(name) for name in self.names]
        formulas = [self._spread(given) for given in self.table.formulas.values()]
        for place, row in enumerate(self.table.frame.itertuples(index=False)):
            made = [self._write(one[place], place, plans) for one in formulas]
            yield [_write_cell(sheet, value, kind, decimals) for value, kind in zip([*row, *made], kinds, strict=True)]
        if self.table.sums and len(self.table.frame):
            yield [self._write_sum(sheet, name, kind, decimals) for name, kind in zip(self.names, kinds, strict=True)]

    def _spread(self, given: str | Sequence[str | None]) -> Sequence[str | None]:
        return [given] * len(self.table.frame) if isinstance(given, str) else given

    def _write(self, template: str | None, place: int, plans: Mapping[str, "_Plan"]) -> "_Formula | None":
        if template is None:
            return None
        return _Formula(_REFERENCE.sub(lambda found: self._refer(found[1], place, plans), f"={template}"))

    def _refer(self, what: str, place: int, plans: Mapping[str, "_Plan"]) -> str:
        if what.startswith("="):
            return self.constants[what[1:]]
        sheet, _, name = what.rpartition("!")
        name, is_row, row = name.partition("@")
        plan = plans[sheet] if sheet else self
        letter = plan.letters[name.removesuffix(":")]
        if name.endswith(":"):
            held = f"${letter}${plan.first}:${letter}${plan.last}"
            return f"'{sheet}'!{held}" if sheet else held
        return f"${letter}{self.first + (int(row) if is_row else place)}"

    def _write_sum(self, sheet: "Sheet", name: str, kind: Kind, decimals: int) -> Cell | None:
        if name == self.names[0]:
            return _write_text(sheet, "total", _BOLD)
        if name.removeprefix("again_") not in self.table.sums:
            return None
        letter = self.letters[name]
        return _write_cell(sheet, _Formula(f"=SUM({letter}{self.first}:{letter}{self.last})"), kind, decimals)


class _Formula(str):
    """Text that is a formula of ours."""

    __slots__ = ()


def _write_cell(sheet: "Sheet", value: object, kind: Kind, decimals: int) -> Cell | None:
    plain = str(value) if isinstance(value, _Formula) else to_plain(value)
    if plain is None:
        return None
    if isinstance(plain, str) and not isinstance(value, _Formula):
        return _write_text(sheet, plain)
    cell: Cell = WriteOnlyCell(sheet, _WORDS.get(plain, plain) if isinstance(plain, bool) else plain)
    money = "#,##0" + ("." + "0" * decimals if decimals else "")
    formats = {"amount": money, "rate": "0.0000%", "count": "#,##0", "number": "General"}
    cell.number_format = formats.get(kind, "General")
    return cell


def _write_text(sheet: "Sheet", text: str, font: Font | None = None) -> Cell:
    clean = ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST]
    cell = WriteOnlyCell(sheet, clean)
    cell.data_type = "s"
    # Without it a person who edits the cell would run it.
    cell.quotePrefix = clean.startswith(_COMMANDS)
    if font:
        cell.font = font
    return cell


def _fix_times(content: bytes, dated: date) -> bytes:
    """Give every part of the file the day of the close in place of the clock's."""
    stamp = datetime(dated.year, dated.month, dated.day)  # noqa: DTZ001 - a file's time has no zone
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as read, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for name in read.namelist():
            part = read.read(name)
            if name == "docProps/core.xml":
                part = _MODIFIED.sub(rb"\g<1>" + f"{stamp:%Y-%m-%dT%H:%M:%SZ}".encode(), part)
            info = zipfile.ZipInfo(name, stamp.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(info, part)
    return buffer.getvalue()
