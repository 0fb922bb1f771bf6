"""Goes to every page that links lead to, one of each shape."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Page

_ID = re.compile(r"[^a-z-]")
_LINKS = "all => all.map(one => one.getAttribute('href').startsWith('#') ? '' : one.href).filter(one => one)"

_FILE_SECONDS = 120
"""A file, such as the pack of a close, is made while it is asked for."""


@dataclass
class Crawl:
    """What was found.

    Parameters
    ----------
    paths : of the pages that were looked at.
    faults : what is wrong, and on which page.
    """

    paths: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def name_shape(url: str) -> str:
    """Name what addresses have in common that differ in an id alone.

    Examples
    --------
    >>> name_shape("http://127.0.0.1:8/customers/C01?entity=&sort=name") == name_shape("/customers/C02?sort=id")
    True
    """
    parts = urlsplit(url)
    path = "/".join("*" if _ID.search(part) and part != "v1" else part for part in parts.path.split("/"))
    return f"{path}?{'&'.join(sorted(name for name, value in parse_qsl(parts.query) if value))}"


def crawl(page: Page, check: Callable[[Page], None], *, start: Sequence[str] = ("/",)) -> Crawl:
    """Open some pages and all that they lead to, and check each; what is not a page is only asked for.

    Parameters
    ----------
    page : somebody has signed in there.
    check : raises AssertionError.
    """
    found, waiting, known = Crawl(), [(path, "") for path in start], set(map(name_shape, start))
    while waiting:
        url, source = waiting.pop(0)
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if parts.path.startswith("/v1/"):
            answer = page.request.get(path, timeout=1000 * _FILE_SECONDS)
            found.faults += [] if answer.ok else [f"{source} leads to {path}: {answer.status} {answer.text()[:300]}"]
            continue
        status = _open(page, path)
        if status != 200:
            found.faults.append(f"{source} leads to {path}: {status}")
            continue
        found.paths.append(path)
        links = page.eval_on_selector_all("a[href]", _LINKS)
        fresh = {name_shape(link): link for link in reversed(links) if name_shape(link) not in known}
        known |= set(fresh)
        waiting += [(link, path) for link in fresh.values()]
        try:
            check(page)
        except AssertionError as error:
            found.faults.append(f"{path}: {error}")
    return found


def _open(page: Page, path: str) -> int:
    answer = page.goto(path)
    return 0 if answer is None else answer.status
