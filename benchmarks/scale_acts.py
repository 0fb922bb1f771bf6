"""What a collector does with the forms of a file that is open in the list, as the page's script sends them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Final

from fastapi.testclient import TestClient
from httpx2 import Response

from tests.pages.visitors import HERE

PART: Final = {"X-Fragment": "1"}
"""Asks for the part of a page that changes."""

ACTS: Final[Mapping[str, str]] = {
    "contacts": "a contact logged",
    "promises": "a promise taken down",
    "disputes": "a dispute taken down",
    "snooze": "a customer put off",
    "move": "a customer moved",
}

Call = Callable[[], object]


def list_acts(browser: TestClient, act: str, customers: Iterable[str]) -> Iterator[Call]:
    """Open the file of each customer, and give what sends one of its forms and shows the list and whose turn it is."""
    for customer_id in customers:
        form = _read_form(open_file(browser, customer_id).text, act)
        yield lambda form=form, customer_id=customer_id: send(browser, f"/worklist/{customer_id}/do/{act}", form)


def open_file(browser: TestClient, customer_id: str) -> Response:
    """Open a customer's file within the list."""
    return browser.get("/worklist", params={"open": customer_id, "show": "all"}, headers=PART)


def send(browser: TestClient, path: str, form: dict[str, str]) -> Response:
    """Send a form, and follow it to the page that says what was done."""
    done = browser.post(path, data=form, headers={**HERE, **PART}, follow_redirects=True)
    if "done=" not in str(done.url):
        raise SystemExit(f"{path}: {done.text}")
    return done


def _read_form(page: str, act: str) -> dict[str, str]:
    """Fill a form: what it carries unseen, and what somebody would type."""
    form = page.split(f"/do/{act}")[1].split("</form>", maxsplit=1)[0]
    hidden = {
        name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form)
    }
    soon = (datetime.now(UTC).date() + timedelta(days=5)).isoformat()
    typed = {
        "contacts": {"channel": "call", "outcome": "reached", "note": "calls back"},
        "promises": {"amount": "100", "due_on": soon},
        "disputes": {
            "reason": _choose(form, "reason"),
            "invoice_ids": _find(form, r'name="invoice_ids" value="([^"]*)"'),
        },
        "snooze": {"until_on": soon, "reason": "waits"},
        "move": {"place": "up", "reason": "asked for us"},
    }
    return hidden | typed[act]


def _choose(form: str, name: str) -> str:
    return _find(form.split(f'name="{name}"')[1], r'<option value="([^"]+)"') if f'name="{name}"' in form else ""


def _find(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    return unescape(found[1]) if found else ""
