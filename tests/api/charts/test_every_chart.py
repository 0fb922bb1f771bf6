"""What every chart keeps to: well-formed, safe, told in words, nothing inline, every look known to the sheet."""

import re
from pathlib import Path

import pytest

import api
from api.charts import Bar, Caption, draw_bars
from api.charts.words import measure
from tests.api.charts.drawn import HOSTILE, SVG, describe, number, read
from tests.api.charts.samples import draw_all, draw_nothing

KINDS = sorted(draw_all("Plain"))
STATIC = Path(api.__file__).parent / "static"
SHEET = (STATIC / "charts.css").read_text(encoding="utf-8")
PAGE = (STATIC / "arrisk.css").read_text(encoding="utf-8")
PAIRS = re.findall(r"--([a-z-]+): light-dark\(#(\w{6}), #(\w{6})\)", PAGE)
COLOURS = {name: (light, dark) for name, light, dark in PAIRS}


def weigh(colour):
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """Contrast ratio (WCAG 2.2)."""
    dark, light = sorted([weigh(one), weigh(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_stays_text(kind):
    chart = draw_all(HOSTILE)[kind]
    root = read(chart)
    assert "<script" not in chart
    assert not {one.tag.removeprefix(SVG) for one in root.iter()} & {"script", "style", "foreignObject", "a", "image"}
    assert describe(chart)[0].startswith('<script>alert("1")</script> & \ufffd </title>')


@pytest.mark.parametrize("words", ["Plain", HOSTILE])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_inline(kind, words):
    names = {name for one in read(draw_all(words)[kind]).iter() for name in one.attrib}
    assert "style" not in names
    assert [name for name in names if name.startswith("on") or name.endswith("href")] == []
    assert "style=" not in draw_all("Plain")[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_is_told_in_words(kind):
    chart = draw_all("Plain")[kind]
    title, description = describe(chart)
    assert title == "Plain"
    assert len(description) > 10
    assert f'class="chart chart-{kind}"' in chart


def test_a_description_of_the_page_goes_before_the_summary():
    caption = Caption("a", "Ageing", "Most is not due.")
    assert describe(draw_bars([Bar("Not due", 5)], caption)) == ["Ageing", "Most is not due."]


@pytest.mark.parametrize("kind", KINDS)
def test_ids_of_two_charts_differ_even_if_their_names_are_odd(kind):
    found = [
        {one.get("id") for one in read(draw_all("Plain", name=name)[kind]).iter() if one.get("id")}
        for name in ("a b", "a-b", "a.b", "ab")
    ]
    assert len(set.union(*found)) == sum(map(len, found)) > 0
    assert all(re.fullmatch(r"[\w-]+", name) for name in set.union(*found))


@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_is_known_a_sentence_says_so(kind):
    root = read(draw_nothing(Caption("a", "Late <b>"))[kind])
    assert (root.tag, root.get("class")) == ("p", "muted")
    assert root.text.startswith("Late <b>: nothing to draw, ")


@pytest.mark.parametrize("kind", KINDS)
def test_every_class_has_a_look(kind):
    root = read(draw_all("Plain")[kind])
    used = {name for one in root.iter() for name in one.get("class", "").split() if name.startswith("c-")}
    assert sorted(name for name in used if f".{name} " not in SHEET and f".{name}," not in SHEET) == []


def test_every_colour_of_the_sheet_is_the_page_s():
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", SHEET) == []
    assert set(re.findall(r"var\(--([a-z-]+)\)", SHEET)) <= set(COLOURS)


@pytest.mark.parametrize("ground", ["paper", "card"])
@pytest.mark.parametrize(
    ("colour", "least"),
    [("ink", 4.5), ("muted", 4.5), ("accent", 3), ("good", 3), ("warn", 3), ("bad", 3)],
)
def test_colours_stand_out_in_light_and_dark(colour, ground, least):
    for ink, paper in zip(COLOURS[colour], COLOURS[ground], strict=True):
        assert contrast(ink, paper) >= least


def test_the_marked_grade_can_be_read_in_light_and_dark():
    assert min(map(contrast, COLOURS["on-accent"], COLOURS["accent"])) >= 4.5


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"sparkline"}))
def test_all_text_stands_inside(kind):
    chart = draw_all("A name that is far too long for any telephone, and that goes on and on without an end")[kind]
    image = next(one for one in read(chart).iter(SVG + "svg"))
    _, _, width, height = map(float, image.get("viewBox").split())
    for one in image.iter(SVG + "text"):
        if one.get("transform"):
            continue
        x, y = number(one, "x", "y")
        share = {"end": 1.0, "middle": 0.5, None: 0.0}[one.get("text-anchor")]
        assert x - share * measure(one.text) >= -1, one.text
        assert x + (1 - share) * measure(one.text) <= width + 1, one.text
        assert 0 < y < height, one.text
