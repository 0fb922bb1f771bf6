"""Whether everybody can use a page: with a reader of screens, with a keyboard alone, on a narrow screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

_AXE: Final = Axe()

_FOCUSED: Final = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const shown = getComputedStyle(one);
  const text = (one.labels?.length ? one.labels[0].textContent : "") || one.getAttribute("aria-label")
    || one.textContent || one.value || one.getAttribute("title") || "";
  const box = one.getBoundingClientRect();
  return {
    name: text.replace(/\\s+/g, " ").trim().slice(0, 80),
    tag: one.tagName.toLowerCase(),
    is_outlined: (shown.outlineStyle !== "none" && parseFloat(shown.outlineWidth) > 0) || shown.boxShadow !== "none",
    is_on_screen: box.width > 0 && box.height > 0 && box.right > 0 && box.bottom > 0
      && box.left < innerWidth && box.top < innerHeight,
  };
}"""


@dataclass(frozen=True)
class Focus:
    """Where the keyboard is.

    Parameters
    ----------
    name : what a reader of screens would say, roughly: the label, or the text.
    tag : of the element.
    is_outlined, is_on_screen : whether one can see that it has the focus, and where.
    """

    name: str
    tag: str
    is_outlined: bool
    is_on_screen: bool


def check_axe(page: Page, *, but: Sequence[str] = ()) -> None:
    """Fail with what axe finds on a page: rule, what it asks for, and where. Axe needs scripts to be allowed.

    Parameters
    ----------
    but : rules that are left out; say why beside the call.
    """
    rules = {name: {"enabled": False} for name in but}
    found = _AXE.run(page, options={"runOnly": list(RULES), "rules": rules, "resultTypes": ["violations"]})
    faults = [
        f"{rule['id']} ({rule['impact']}): {rule['help']}\n"
        + "\n".join(f"    {' '.join(map(str, node['target']))}: {node['html'][:160]}" for node in rule["nodes"])
        for rule in found.response["violations"]
    ]
    assert faults == [], f"{page.url}\n" + "\n".join(faults)


def walk_by_keyboard(page: Page, *, most: int = 200) -> list[Focus]:
    """Press Tab from the top of a page until the focus leaves it, and give where it went.

    Parameters
    ----------
    most : so many steps; a page on which the focus goes in circles has more.
    """
    page.evaluate("() => { document.activeElement?.blur(); getSelection().removeAllRanges(); scrollTo(0, 0) }")
    found: list[Focus] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused is None:
            return found
        found.append(Focus(**focused))
    raise AssertionError(f"{page.url}: the focus has not left the page after {most} steps: {found[-3:]}")


def check_keyboard(page: Page) -> list[Focus]:
    """Fail where the focus cannot be seen or has no name; give where it went."""
    found = walk_by_keyboard(page)
    assert found, f"{page.url}: nothing takes the focus"
    hidden = [focus for focus in found if not (focus.is_outlined and focus.is_on_screen and focus.name)]
    assert hidden == [], f"{page.url}: {hidden}"
    return found


def check_width(page: Page) -> None:
    """Fail when a page is wider than the screen, so that one has to scroll sideways to read it."""
    wide, screen = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= screen, f"{page.url} is {wide} pixels wide on a screen of {screen}"
