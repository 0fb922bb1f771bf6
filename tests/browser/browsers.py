"""The browser of the system that pages are tried in; none is ever downloaded."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

NAMES: Final = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
LOOKS: Final[Mapping[str, Mapping[str, Any]]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
    "no_script": {"java_script_enabled": False},
}
"""How somebody may look at a page, by name: what Playwright's contexts take."""

_SECONDS: Final = 15


def find_chromium(environ: Mapping[str, str] = os.environ) -> str:
    """Find the browser: ``ARRISK_CHROMIUM``, or the first of ``NAMES`` on the path.

    Without one the tests are skipped; with ``ARRISK_E2E=require`` they fail.
    """
    given = environ.get("ARRISK_CHROMIUM")
    path = shutil.which(given, path="") if given else _find_on(environ.get("PATH", os.defpath))
    if path:
        return path
    what = f"ARRISK_CHROMIUM={given} is no program" if given else f"none of {', '.join(NAMES)} is on the path"
    if given or environ.get("ARRISK_E2E") == "require":
        raise FileNotFoundError(f"no browser to try the pages in: {what}. Try: apt-get install chromium")
    pytest.skip(f"no browser: {what}")


def _find_on(path: str) -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name, path=path))), None)


@contextmanager
def start_browser() -> Iterator[Browser]:
    """Start the browser; it reaches this machine and no other."""
    program = find_chromium()
    flags = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-dev-shm-usage"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=Path(program), args=flags)
        yield browser
        browser.close()


def open_context(browser: Browser, look: str, address: str, **more: Any) -> BrowserContext:
    """Open a window of its own, with no cookie in it.

    Parameters
    ----------
    look : one of ``LOOKS``.
    address : of the service; paths are taken from it.
    **more : of Playwright's contexts, which win.
    """
    context = browser.new_context(**{"base_url": address, "locale": "en-GB", **LOOKS[look], **more})
    context.set_default_timeout(1000 * _SECONDS)
    return context
