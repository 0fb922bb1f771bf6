"""The files of a report: its page with the pictures drawn in, the same as data, and each picture by itself."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from arrisk.reports.html import make_figure


@dataclass(frozen=True)
class Picture:
    """A chart of a page: how it is drawn into a file's bytes, what it shows in words, and what stands below it."""

    draw: Callable[..., bytes]
    alt: str
    caption: str


def write_files(
    pictures: Mapping[str, Picture], report: Mapping[str, Any], *, render: Callable[[Mapping[str, str]], str]
) -> dict[str, bytes]:
    """Write a page and what goes with it.

    Parameters
    ----------
    pictures : by the name of their files.
    report : plain data.
    render : makes the page of the figures by name.

    Returns
    -------
    dict
        Files by name: index.html, report.json, and each picture as SVG and PNG.

    Raises
    ------
    InputError
        When matplotlib is not installed.
    """
    drawn = {name: picture.draw(suffix=".svg") for name, picture in pictures.items()}
    figures = {
        name: make_figure(drawn[name], name=name, alt=picture.alt, caption=picture.caption)
        for name, picture in pictures.items()
    }
    return {
        "index.html": render(figures).encode(),
        "report.json": json.dumps(report, indent=2, allow_nan=False, ensure_ascii=False).encode(),
        **{f"{name}.svg": svg for name, svg in drawn.items()},
        **{f"{name}.png": picture.draw(suffix=".png") for name, picture in pictures.items()},
    }
