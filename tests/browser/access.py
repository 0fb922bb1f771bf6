"""Whether everybody can use a page: with a reader of screens, with a keyboard alone, on a narrow screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

STANDARDS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

_AXE: Final = Axe()

_PARTS: Final = 10
"""No field has more parts that take the focus one after the other."""

_MOST: Final = 50
"""No more places are gone to; the rows of a long table are alike."""

_FOCUSED: Final = """() => {
  const one = document.activeElement;
  window.walked ??= [];
  if (!one || one === document.body) { window.walked = []; return null; }
  const at = walked.lastIndexOf(one);
  const step = at < 0 ? "new" : at === walked.length - 1 ? "same" : "again";
  if (step === "new") walked.push(one);
  const shown = getComputedStyle(one);
  const text = (one.labels?.length ? one.labels[0].textContent : "") || one.getAttribute("aria-label")
    || one.textContent || one.value || one.getAttribute("title") || one.querySelector("img")?.alt || "";
  const box = one.getBoundingClientRect();
  return [step, {
    name: text.replace(/\\s+/g, " ").trim().slice(0, 80),
    tag: one.tagName.toLowerCase(),
    is_outlined: (shown.outlineStyle !== "none" && parseFloat(shown.outlineWidth) > 0) || shown.boxShadow !== "none",
    is_on_screen: box.width > 0 && box.height > 0 && box.right > 0 && box.bottom > 0
      && box.left < innerWidth && box.top < innerHeight,
  }];
}"""
"""Where the focus is: on something new, the same as before (a date has several parts), or back again; null = away."""


_AT_TOP: Final = """() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
  getSelection().removeAllRanges();
  scrollTo(0, 0);
}"""
"""The next Tab begins at the top, wherever the page had put the focus."""

_ORDERED: Final = """() => [...document.querySelectorAll("body *")].filter(one => {
  const shown = getComputedStyle(one);
  return one.tabIndex > 0 || shown.order !== "0" || shown.flexDirection.endsWith("reverse");
}).map(one => one.outerHTML.slice(0, 120))"""
"""What stands elsewhere on the screen than where the focus comes to it."""

_REACHABLE: Final = """() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  const radios = new Set();
  return all.filter(one => {
    if (one.disabled || one.type === "hidden" || !one.checkVisibility({ visibilityProperty: true })) return false;
    if (one.type !== "radio") return true;
    const is_first = !radios.has(one.name);
    radios.add(one.name);
    return is_first;
  }).length;
}"""
"""How many places take the focus; of radio buttons of a name only one does."""

_OUTGROWN: Final = """() => [...document.querySelectorAll('.card')]
    .filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)"""
"""Lists the texts of cards that are wider than they."""


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


def check_axe(page: Page, *, rules: Sequence[str] = ()) -> None:
    """Fail with what axe finds on a page: rule, what it asks for, and where. Axe needs scripts to be allowed.

    Parameters
    ----------
    rules : only these; empty = all of ``STANDARDS``.
    """
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": list(STANDARDS)}
    found = _AXE.run(page, options={"runOnly": only, "resultTypes": ["violations"]})
    faults = [
        f"{rule['id']} ({rule['impact']}): {rule['help']}\n"
        + "\n".join(f"    {' '.join(map(str, node['target']))}: {node['html'][:160]}" for node in rule["nodes"])
        for rule in found.response["violations"]
    ]
    assert faults == [], f"{page.url}\n" + "\n".join(faults)


def walk_by_keyboard(page: Page, *, most: int = _MOST) -> list[Focus]:
    """Press Tab from the top of a page until the focus leaves it, and give where it went.

    Parameters
    ----------
    most : no more than so many places; the rows of a long table are alike.
    """
    page.evaluate(_AT_TOP)
    found: list[Focus] = []
    count_same = 0
    while len(found) < most:
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused is None:
            break
        step, values = focused
        count_same = count_same + 1 if step == "same" else 0
        is_caught = step == "again" or count_same > _PARTS
        assert not is_caught, f"{page.url}: the focus cannot leave {values}"
        if step == "new":
            found.append(Focus(**values))
    return found


def check_keyboard(page: Page) -> list[Focus]:
    """Fail where the focus cannot be seen, has no name, or is caught; give where it went."""
    found = walk_by_keyboard(page)
    assert found, f"{page.url}: nothing takes the focus"
    hidden = [focus for focus in found if not (focus.is_outlined and focus.is_on_screen and focus.name)]
    assert hidden == [], f"{page.url}: {hidden}"
    reachable = page.evaluate(_REACHABLE)
    assert len(found) >= min(reachable, _MOST), f"{page.url}: {reachable} places take the focus, not {len(found)}"
    assert page.evaluate(_ORDERED) == [], f"{page.url}: the focus goes otherwise than one reads"
    return found


def unfold_by_keyboard(page: Page, *, most: int = 8) -> None:
    """Unfold what is folded with the Enter key, menus too; fail where it does not unfold.

    Parameters
    ----------
    most : no more than so many by the key; the rows of a long table are alike, and the rest is unfolded without it.
    """
    for place in range(min(most, page.locator("details").count())):
        details = page.locator("details").nth(place)
        summary = details.locator("summary").first
        if details.get_attribute("open") is None and summary.is_visible():
            summary.press("Enter")
            assert details.get_attribute("open") is not None, f"{page.url}: {summary.inner_text()!r} does not unfold"
    page.evaluate("() => document.querySelectorAll('details').forEach(one => { one.open = true })")


def check_width(page: Page) -> None:
    """Fail when a page is wider than the screen, so that one has to scroll sideways, or a card's text than the card."""
    wide, screen = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= screen, f"{page.url} is {wide} pixels wide on a screen of {screen}"
    outgrown = page.evaluate(_OUTGROWN)
    assert outgrown == [], f"{page.url}: sticks out of its card on a screen of {screen} pixels: {outgrown}"
