"""Writes pages: templates of the package, with the formats in which figures are shown."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from itertools import count
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api.pages import formats, inside
from api.pages.menu import list_menu
from api.pages.notices import DONE
from api.pages.terms import TERMS

FRAGMENT: Final = "X-Fragment"
"""A header by which the page's script asks for the block ``fragment`` alone."""

_CONTENT_SECURITY: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _CONTENT_SECURITY,
    # Of its own pages the service wants to know: by that a form of another site is told apart.
    "Referrer-Policy": "same-origin",
    "Vary": FRAGMENT,
}


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Write a page.

    Parameters
    ----------
    template : its name in ``api/templates``.
    status : of the answer.
    **context : what the template shows.
    """
    ids = count(1)
    visit = context.get("visit")
    given = {
        "visit": None,
        "ledgers": (),
        "ledger": None,
        "problem": None,
        "menu": list_menu(visit.caller.permissions, request.url.path) if visit else (),
        "done": DONE.get(request.query_params.get("done", ""), ""),
        "path": request.url.path,
        "query": dict(request.query_params),
        "theme": _read_theme(request),
        "next_id": lambda stem: f"{stem}-{next(ids)}",
        **context,
    }
    page = _environment().get_template(template)
    if request.headers.get(FRAGMENT) and "fragment" in page.blocks:
        text = "".join(page.blocks["fragment"](page.new_context(given)))
    else:
        text = page.render(given)
    return HTMLResponse(text, status_code=status, headers=_HEADERS)


def compile_templates() -> None:
    """Compile every template, which the first to see a page would otherwise wait for."""
    environment = _environment()
    for name in environment.list_templates(["html"]):
        environment.get_template(name)


def change_query(query: Mapping[str, str], **changes: object) -> str:
    """Write what stands behind the question mark of an address, with some of it changed; None = left out.

    Examples
    --------
    >>> change_query({"sort": "overdue", "after": "x", "done": "moved"}, after=None, state="open")
    'sort=overdue&state=open'
    """
    changed: dict[str, object] = {**query, "done": None, **changes}
    return urlencode({name: value for name, value in changed.items() if value not in (None, "")})


@cache
def asset(name: str) -> str:
    """Give the address of a static file; it changes with the file, so that a browser may keep it for ever."""
    content = resources.files("api").joinpath("static", name).read_bytes()
    return f"/static/{sha256(content).hexdigest()[:12]}/{name}"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= formats.FILTERS
    made.globals |= {
        "asset": asset,
        "headed": formats.head_numbers,
        "new_key": inside.new_key,
        "query_of": change_query,
        "terms": TERMS,
    }
    return made


def _read_theme(request: Request) -> str:
    theme = request.cookies.get("arrisk_theme", "")
    return theme if theme in ("light", "dark") else "auto"
