"""What the other tests stand on: a page that does what it may not, or cannot be used by everybody, fails them."""

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse

from api.headers import SafeHeaders
from tests.browser.access import check_axe, check_keyboard, check_width, walk_by_keyboard
from tests.browser.conftest import find_or_skip
from tests.browser.watching import watched
from tools.browser import LOOKS, NoBrowserError, open_window
from tools.serving import serve

pytestmark = pytest.mark.slow

POLICY = "default-src 'self'; form-action 'self'; frame-ancestors 'none'"
HEAD = '<!doctype html><html lang="en"><title>T</title><meta name="viewport" content="width=device-width">'
GOOD = '<main><h1>Good</h1><p><a href="/a">First</a></p><p><label>Name <input></label></p></main>'
BODIES = {
    "good": GOOD,
    "foreign": '<img alt="" src="http://example.com/a.png">',
    "inline": "<script>1</script>",
    "broken": '<script src="/throw"></script>',
    "missing": '<link rel="stylesheet" href="/nothing.css">',
    "unnamed": "<main><h1>H</h1><input></main>",
    "unpictured": '<img alt="" src="/nothing.png">',
    "hidden": '<link rel="stylesheet" href="/dull">' + GOOD,
    "caught": GOOD + '<script src="/catch"></script>',
    "outgrown": '<link rel="stylesheet" href="/narrow"><section class="card"><h1>2,718,597.94</h1></section>',
    "wide": '<link rel="stylesheet" href="/wide">' + GOOD,
}


def make_app():
    app = FastAPI()
    app.add_middleware(SafeHeaders)

    @app.get("/page/{name}")
    def show(name: str, policy: str = POLICY) -> HTMLResponse:
        return HTMLResponse(HEAD + BODIES[name], headers={"Content-Security-Policy": policy})

    @app.get("/throw")
    def throw() -> PlainTextResponse:
        return PlainTextResponse("nothing.at.all", media_type="text/javascript")

    @app.get("/catch")
    def catch() -> PlainTextResponse:
        back = "document.querySelector('input').addEventListener('blur', () => document.querySelector('a').focus())"
        return PlainTextResponse(back, media_type="text/javascript")

    @app.get("/dull")
    def dull() -> PlainTextResponse:
        return PlainTextResponse("* { outline: none !important }", media_type="text/css")

    @app.get("/wide")
    def wide() -> PlainTextResponse:
        return PlainTextResponse("main { width: 800px }", media_type="text/css")

    @app.get("/narrow")
    def narrow() -> PlainTextResponse:
        return PlainTextResponse("section { width: 40px }", media_type="text/css")

    @app.get("/fall")
    def fall() -> PlainTextResponse:
        return PlainTextResponse("no", status_code=503)

    return app


@pytest.fixture(scope="module")
def tried():
    with serve(make_app()) as address:
        yield address


@pytest.fixture
def address(tried):
    return tried


def look_at(browser, address, path):
    window = open_window(browser, address)
    with watched(window, address):
        window.new_page().goto(path, wait_until="networkidle")
    window.close()


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/page/foreign", "against its own policy: .*example.com"),
        ("/page/foreign?policy=default-src *", "asked another host: http://example.com/a.png"),
        ("/page/inline", "against its own policy: .*inline script"),
        ("/page/broken", "error of a script: nothing is not defined"),
        ("/page/missing", "error on the console: .*/nothing.css"),
        ("/page/unpictured", "answered 404: GET .*/nothing.png"),
        ("/fall", "answered 503: GET .*/fall"),
    ],
)
def test_a_page_that_does_what_no_page_may_fails(browser, address, path, fault):
    with pytest.raises(AssertionError, match=fault):
        look_at(browser, address, path)


@pytest.mark.parametrize("look", LOOKS)
def test_a_good_page_passes_however_one_looks_at_it(open_page, look):
    page = open_page(look)
    page.goto("/page/good")
    if look != "no_script":  # axe is a script itself
        check_axe(page)
    check_width(page)
    assert [focus.name for focus in check_keyboard(page)] == ["First", "Name"]


def test_what_axe_finds_is_said(page):
    page.goto("/page/unnamed")
    with pytest.raises(AssertionError, match=r"label \(critical\): Form elements must have labels\n    input: <input>"):
        check_axe(page)


def test_a_focus_that_nobody_sees_is_found(page):
    page.goto("/page/hidden")
    assert [focus.is_outlined for focus in walk_by_keyboard(page)] == [False, False]
    with pytest.raises(AssertionError, match="is_outlined=False"):
        check_keyboard(page)


def test_a_focus_that_cannot_leave_is_found(page):
    page.goto("/page/caught")
    with pytest.raises(AssertionError, match="the focus cannot leave"):
        check_keyboard(page)


def test_a_page_too_wide_for_a_phone_is_found(open_page):
    page = open_page("phone")
    page.goto("/page/wide")
    with pytest.raises(AssertionError, match="on a screen of 390"):
        check_width(page)


def test_an_amount_that_sticks_out_of_its_card_is_found(open_page):
    page = open_page("light")
    page.goto("/page/outgrown")
    with pytest.raises(AssertionError, match="sticks out of its card"):
        check_width(page)


def test_a_missing_browser_skips_unless_it_is_required():
    with pytest.raises(pytest.skip.Exception, match="no browser: chromium nor "):
        find_or_skip({"PATH": "/nowhere"})
    with pytest.raises(NoBrowserError, match="no browser: /nowhere/chromium"):
        find_or_skip({"ARRISK_CHROMIUM": "/nowhere/chromium", "ARRISK_E2E": "require"})
