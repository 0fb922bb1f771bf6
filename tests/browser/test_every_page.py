"""Every page that a link leads to: nothing is missing, and everybody can use it."""

import pytest

from api.pages import setup
from tests.browser.access import check_axe, check_keyboard, check_width, unfold_by_keyboard
from tests.browser.crawling import crawl
from tests.browser.staff import AUTHORITIES, sign_in_as

pytestmark = pytest.mark.slow


@pytest.fixture
def address(life):
    return life.address


@pytest.fixture
def everybody(page):
    sign_in_as(page, "everything")
    return page


def check_page(page):
    assert page.get_by_role("heading", level=1).count() == 1, "not one heading of level 1"
    assert page.title().endswith(" · arrisk"), f"its title is {page.title()!r}"
    is_failed_job = "/jobs/" in page.url and page.get_by_text("failed", exact=True).count()
    is_fault = not is_failed_job and not page.url.endswith("/style")
    assert not is_fault or page.get_by_role("alert").count() == 0, page.get_by_role("alert").first.inner_text()


def check_use(page):
    """Look at a page with everything unfolded, in light and dark, by keyboard, on a phone and a desk."""
    check_keyboard(page)
    check_axe(page)
    unfold_by_keyboard(page)
    check_axe(page)
    page.emulate_media(color_scheme="dark")
    check_axe(page, rules=["color-contrast"])
    page.set_viewport_size({"width": 390, "height": 844})
    check_width(page)
    page.set_viewport_size({"width": 1280, "height": 720})
    check_width(page)
    page.emulate_media(color_scheme="light")


def check_closely(page):
    check_page(page)
    check_use(page)


def list_routes():
    """List the routes of pages that one looks at."""
    routes = [route for router in setup._ROUTERS for route in router.routes]
    return [route for route in routes if "GET" in route.methods]


def find_route(path):
    """Find the route that answers a page's path: the first that fits."""
    return next(route.path for route in list_routes() if route.path_regex.match(path.split("?")[0]))


@pytest.mark.parametrize("role", AUTHORITIES)
def test_no_link_that_a_role_sees_leads_nowhere(page, role):
    sign_in_as(page, role)
    found = crawl(page, check_page)
    assert not found.faults, "\n".join(found.faults)


def test_every_page_in_each_of_its_states_can_be_used_by_everybody(everybody, life):
    found = crawl(everybody, check_closely, start=("/", "/sign-in", *life.pages))
    assert not found.faults, "\n".join(found.faults)
    assert {route.path for route in list_routes()} == {find_route(path) for path in found.paths}


def test_memos_and_letters_can_be_read_by_everybody(everybody, life):
    for path in life.papers:
        everybody.goto(path)
        for scheme in ("light", "dark"):
            everybody.emulate_media(color_scheme=scheme)
            check_axe(everybody)
        everybody.set_viewport_size({"width": 390, "height": 844})
        check_width(everybody)


def read_main(page):
    """Read what a page is about: its heading, and the first cells of the rows of its tables."""
    rows = "all => all.map(one => one.innerText.trim())"
    cells = page.locator("main tbody tr > :first-child").evaluate_all(rows)
    return page.get_by_role("heading", level=1).inner_text(), cells


def test_every_page_says_the_same_without_scripts(everybody, open_page, life):
    plain = open_page("no_script")
    sign_in_as(plain, "everything")
    said = {}

    def compare(page):
        check_page(page)
        address = page.url
        said[address] = read_main(page)
        everybody.goto(address)
        assert read_main(everybody) == said[address], "with scripts it says something else"

    found = crawl(plain, compare, start=("/", *life.pages))
    assert not found.faults, "\n".join(found.faults)
    assert len(said) > len(list_routes()) / 2
