"""Computes the formulas of a workbook as a spreadsheet program does, as far as ours need it."""

import math
import re
from functools import cached_property

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from scipy.special import ndtr, ndtri

_TOKEN = re.compile(
    r"""(?P<text>"[^"]*")|(?P<ref>(?:'(?P<sheet>[^']+)'!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)"""
    r"""|(?P<op><>|<=|>=|=|\^|&)"""
)
_OPERATORS = {"=": "==", "<>": "!=", "^": "**", "&": "+"}


class Computed:
    """A workbook whose formulas are computed when a cell is read."""

    def __init__(self, path):
        self.sheets = load_workbook(path)
        self._known = {}
        self._ranges = {}

    def read(self, sheet, row, column):
        """Give the value of a cell."""
        key = sheet, row, column
        if key not in self._known:
            cell = self.sheets[sheet].cell(row, column)
            self._known[key] = self._compute(sheet, cell.value) if cell.data_type == "f" else cell.value
        return self._known[key]

    def _compute(self, sheet, formula):
        def write(found):
            if found["text"]:
                return found["text"]
            if found["op"]:
                return _OPERATORS.get(found["op"], found["op"])
            place = found["ref"].rpartition("!")[2].replace("$", "")
            name = "_range" if ":" in place else "_cell"
            return f"{name}({(found['sheet'] or sheet)!r}, {place!r})"

        names = {"_cell": self._cell, "_range": self._range, **_FUNCTIONS}
        text = _write_ifs(_TOKEN.sub(write, formula[1:]))
        return eval(text, {"__builtins__": {}, **names})  # noqa: S307

    def _cell(self, sheet, place):
        column, row, _, _ = range_boundaries(place)
        value = self.read(sheet, row, column)
        return 0 if value is None else value

    def _range(self, sheet, place):
        if (sheet, place) not in self._ranges:
            left, top, _, bottom = range_boundaries(place)
            self._ranges[sheet, place] = [self.read(sheet, row, left) for row in range(top, bottom + 1)]
        return self._ranges[sheet, place]

    def table(self, sheet):
        """Give the rows below the header of a sheet, by the names in it, without the line of sums."""
        cells = self.sheets[sheet]
        header = int(cells.freeze_panes[1:]) - 1
        names = [cell.value for cell in cells[header]]
        rows = [
            {name: self.read(sheet, row, place + 1) for place, name in enumerate(names)}
            for row in range(header + 1, cells.max_row + 1)
        ]
        return [row for row in rows if row[names[0]] != "total"]

    @cached_property
    def formulas(self):
        """How many cells are formulas."""
        return sum(cell.data_type == "f" for sheet in self.sheets for row in sheet.iter_rows() for cell in row)


def _write_ifs(text):
    """Write IF(test, yes, no) so that only one of the two is computed."""
    found = re.search(r"(?<!\w)IF\(", text)
    if not found:
        return text
    parts, depth, start = [], 0, found.end()
    for place in range(found.end(), len(text)):
        if text[place] == ")" and depth == 0:
            break
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if text[place] == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    test, yes, no = map(_write_ifs, [*parts, text[start:place]])
    return f"{text[: found.start()]}(({yes}) if ({test}) else ({no})){_write_ifs(text[place + 1 :])}"


def _sum_ifs(values, *conditions):
    pairs = list(zip(conditions[::2], conditions[1::2], strict=True))
    return sum(
        value or 0
        for place, value in enumerate(values)
        if all(str(column[place]).lower() == str(wanted).lower() for column, wanted in pairs)
    )


def _round(value, digits):
    scaled = float(f"{abs(value) * 10**digits:.15g}")
    return math.copysign(math.floor(scaled + 0.5) / 10**digits, value)


_FUNCTIONS = {
    "SUMIFS": _sum_ifs,
    "SUM": lambda values: sum(value for value in values if isinstance(value, int | float)),
    "ROUND": _round,
    "SQRT": math.sqrt,
    "INT": math.floor,
    "MIN": min,
    "CHOOSE": lambda place, *values: values[place - 1],
    "NORMSDIST": lambda value: float(ndtr(value)),
    "NORMSINV": lambda value: float(ndtri(value)),
}
