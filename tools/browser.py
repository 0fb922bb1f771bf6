"""The browser of the system, which pages are tried and drawn in; none is ever downloaded."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, sync_playwright

NAMES: Final = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
LOOKS: Final[Mapping[str, Mapping[str, Any]]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
    "no_script": {"java_script_enabled": False},
}
"""How somebody may look at a page, by name: what Playwright's windows take."""

_SECONDS: Final = 15


class NoBrowserError(Exception):
    """There is no browser on this machine."""


def find_browser(environ: Mapping[str, str] = os.environ) -> str:
    """Find the program: ``ARRISK_CHROMIUM``, or the first of ``NAMES`` on the path.

    Raises
    ------
    NoBrowserError
        When there is none.
    """
    given = environ.get("ARRISK_CHROMIUM")
    names = (given,) if given else NAMES
    found = next((path for name in names if (path := shutil.which(name, path=environ.get("PATH", "")))), None)
    if found is None:
        raise NoBrowserError(f"no browser: {' nor '.join(names)}. Try: apt-get install chromium, or ARRISK_CHROMIUM")
    return found


@contextmanager
def start_browser(program: str) -> Iterator[Browser]:
    """Start a browser; it reaches this machine and no other.

    While it runs, nothing else in this thread may run an event loop.
    """
    flags = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-dev-shm-usage"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


def open_window(browser: Browser, address: str, look: str = "light", **more: Any) -> BrowserContext:
    """Open a window of its own, with no cookie in it.

    Parameters
    ----------
    address : of the service; paths are taken from it.
    look : one of ``LOOKS``.
    **more : of Playwright's windows, which win.
    """
    window = browser.new_context(**{"base_url": address, "locale": "en-GB", **LOOKS[look], **more})
    window.set_default_timeout(1000 * _SECONDS)
    return window
