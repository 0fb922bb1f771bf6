"""Draws the service's pages with the demo's portfolio to docs/pages: `python -m tools.draw_pages [--page NAME]`."""

import argparse
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, Page

from api.client import Client
from api.main import create_app
from arrisk import store
from arrisk.config import Settings, find_sample
from arrisk.policy import Policy, load_policy
from arrisk.store.people import User
from arrisk.uses.accounts import Accounts, add_user
from arrisk.uses.demo_service import PEOPLE, prepare_demo
from arrisk.uses.work import Worker
from tools.browser import find_browser, open_window, start_browser
from tools.serving import serve

FOLDER: Final = Path(__file__).parent.parent / "docs" / "pages"
_COLOURS: Final = 128
_PATIENCE_MS: Final = 120_000
_CUSTOMER: Final = "C000072"
"""One that is late, owes much, and has a history."""

_MODEL: Final = "payment-curve/simulated-150-30-7/1"
_EXPORT: Final = (
    b"invoice_no,customer,customer_name,invoice_date,due_date,gross\n1,A,Alder,2024-01-02,2024-02-01,100.50\n"
)


@dataclass(frozen=True)
class Drawing:
    """A picture of a page.

    Parameters
    ----------
    name : of the file, without its ending.
    path : of the page.
    role : who looks at it; empty = somebody who has not signed in.
    look : "light", "dark", or another of ``tools.browser.LOOKS``.
    width : in pixels; the height is two thirds of it, or that of a phone.
    """

    name: str
    path: str
    role: str = ""
    look: str = "light"
    width: int = 1200


DRAWINGS: Final = (
    Drawing("sign-in", "/sign-in"),
    Drawing("password", "/password", "analyst"),
    Drawing("home", "/", "credit_manager"),
    Drawing("home-collector", "/", "collector"),
    Drawing("downgrades", "/downgrades", "credit_manager"),
    Drawing("customers", "/customers?q=delta", "analyst"),
    Drawing("customer", f"/customers/{_CUSTOMER}", "analyst"),
    Drawing("customer-dark", f"/customers/{_CUSTOMER}", "analyst", look="dark"),
    Drawing("customer-items", f"/customers/{_CUSTOMER}/items", "analyst"),
    Drawing("customer-score", f"/customers/{_CUSTOMER}/score", "analyst"),
    Drawing("customer-limit", f"/customers/{_CUSTOMER}/limit", "analyst"),
    Drawing("payment-curve", f"/customers/{_CUSTOMER}/payment-curve", "analyst"),
    Drawing("what-if", f"/customers/{_CUSTOMER}/what-if?requested_limit=60000&terms_days=60", "analyst"),
    Drawing("cases", "/cases", "analyst"),
    Drawing("case", "/cases/C-0001", "credit_manager"),
    Drawing("case-new", f"/cases/new?customer_id={_CUSTOMER}", "analyst"),
    Drawing("holds", "/holds", "credit_manager"),
    Drawing("order", f"/holds/check?customer_id={_CUSTOMER}&amount=25000", "credit_manager"),
    Drawing("worklist", "/worklist", "collector"),
    Drawing("worklist-dark", "/worklist", "collector", look="dark"),
    Drawing("worklist-phone", "/worklist", "collector", look="phone"),
    Drawing("file", f"/worklist/{_CUSTOMER}", "collector"),
    Drawing("ageing", "/ageing", "finance"),
    Drawing("ageing-dark", "/ageing", "finance", look="dark"),
    Drawing("ageing-items", "/ageing/items?bucket=1-30", "finance"),
    Drawing("ageing-customers", "/ageing/customers?bucket=1-30", "finance"),
    Drawing("kpis", "/kpis?months=12", "finance"),
    Drawing("forecast", "/forecast?as_of=2025-10-02", "finance"),
    Drawing("allowance", "/allowance?compare=yes&suppose=yes", "finance"),
    Drawing("allowance-scenarios", "/allowance/scenarios", "finance"),
    Drawing("allowance-frameworks", "/allowance/frameworks", "finance"),
    Drawing("allowance-sensitivity", "/allowance/sensitivity", "finance"),
    Drawing("allowance-past", "/allowance/past", "finance"),
    Drawing("closes", "/closes", "finance"),
    Drawing("close", "/closes/2025-12-31", "finance"),
    Drawing("write-offs", "/write-offs", "finance"),
    Drawing("models", "/models", "validator"),
    Drawing("model", f"/models/card?reference={_MODEL}", "validator"),
    Drawing("monitoring", "/monitoring", "validator"),
    Drawing("uploads", "/uploads", "operator"),
    Drawing("upload", "/uploads/1?mapping=generic", "operator"),
    Drawing("jobs", "/jobs", "operator"),
    Drawing("job", "/jobs/1", "operator"),
    Drawing("users", "/users", "operator"),
    Drawing("user", "/users/collector", "operator"),
    Drawing("audit", "/audit", "auditor"),
    Drawing("audit-verify", "/audit/verify", "auditor"),
    Drawing("terms", "/terms", "analyst"),
    Drawing("style", "/style", "analyst"),
)
"""In the order in which they are drawn."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the pages that are asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="append", choices=[one.name for one in DRAWINGS], help="again for more")
    asked = parser.parse_args(arguments).page
    drawings = [one for one in DRAWINGS if not asked or one.name in asked]
    program, password = find_browser(), secrets.token_urlsafe()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with serve_demo(password) as address, start_browser(program) as browser:
        for drawing in drawings:
            size = draw(browser, address, drawing, password=password)
            print(f"{FOLDER / drawing.name}.png: {size:,} bytes")


@contextmanager
def serve_demo(password: str) -> Iterator[str]:
    """Give the address of a service with the demo's portfolio, its models, its day, and a user of each role."""
    with tempfile.TemporaryDirectory(prefix="arrisk-pages-") as folder:
        settings = Settings(home=Path(folder), sign_ins_per_minute=0)
        database, policy = store.connect(store.locate(settings.home)), load_policy()
        store.upgrade(database)
        now = datetime.now(UTC)
        prepare_demo(database, find_sample(), policy=policy, passwords=[password] * len(PEOPLE), now=now)
        Worker(database, settings.home, policy, lambda: datetime.now(UTC)).drain()
        _add_people(Accounts(database, policy), policy, password)
        with serve(create_app(database=database, settings=settings)) as address:
            _do_a_days_work(address, password)
            yield address


def _do_a_days_work(address: str, password: str) -> None:
    """Open a case, call a customer, draft a close: pages of which nothing was done show little."""
    as_of, month_end = "2026-01-01", "2025-12-31"
    acts: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("analyst", "/v1/cases", {"customer_id": _CUSTOMER, "requested_limit": "60000", "as_of": as_of}),
        ("finance", "/v1/closes", {"period_end": month_end, "opening": "25000.00", "since": "2025-11-30"}),
    )
    for role, path, body in acts:
        with Client.open(address) as client:
            client.sign_in(role, password)
            client.send("POST", path, body=body)
    with Client.open(address) as client:
        client.sign_in("operator", password)
        client.send("POST", "/v1/uploads", query={"name": "month-end.csv"}, content=(_EXPORT, "text/csv"))
    with Client.open(address) as client:
        client.sign_in("collector", password)
        seen = client.send("GET", f"/v1/worklist/{_CUSTOMER}").headers["ETag"]
        call = {"channel": "call", "outcome": "reached", "note": "pays half of it next week"}
        client.send("POST", f"/v1/worklist/{_CUSTOMER}/contacts", body=call, headers={"If-Match": seen})


def _add_people(accounts: Accounts, policy: Policy, password: str) -> None:
    authority = policy.authority.roles[-1].name
    for role in policy.access.roles:
        login = role.name.replace("_", "-")
        user = User(user_id="", login=login, display_name=login.title(), roles=(role.name,), authority=authority)
        add_user(accounts, user, password=password, by="draw_pages", is_temporary=False)


def draw(browser: Browser, address: str, drawing: Drawing, *, password: str) -> int:
    """Draw one page, and give the size of its file in bytes.

    Raises
    ------
    RuntimeError
        When the page is refused.
    """
    size = {} if drawing.look == "phone" else {"viewport": {"width": drawing.width, "height": drawing.width * 2 // 3}}
    window = open_window(browser, address, drawing.look, **size)
    page = window.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    if drawing.role:
        _sign_in(page, drawing.role, password)
    answer = page.goto(drawing.path, wait_until="networkidle")
    if answer is None or not answer.ok:
        raise RuntimeError(f"{drawing.role or 'a stranger'} does not get {drawing.path}: {answer and answer.status}")
    picture = Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    window.close()
    path = FOLDER / f"{drawing.name}.png"
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


def _sign_in(page: Page, role: str, password: str) -> None:
    page.goto("/sign-in")
    page.fill("[name=login]", role.replace("_", "-"))
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


if __name__ == "__main__":
    main()
