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
SHEET = (Path(api.__file__).parent / "static" / "charts.css").read_text(encoding="utf-8")


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
    known = {"--ink", "--muted", "--line", "--accent", "--bad", "--good", "--warn", "--paper"}
    assert set(re.findall(r"var\((--[a-z]+)\)", SHEET)) == known


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
