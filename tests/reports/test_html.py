"""Pieces of a page: what comes from a ledger stays text, and a drawing stays by itself."""

import re

import pytest

from arrisk.reports.drawing import render_figure
from arrisk.reports.html import make_figure, make_list, make_page, make_paragraph, make_section, make_table, make_terms

BAD = '<script>alert("1")</script> & "more"'


def draw(figure):
    figure.subplots().set_title("--!><b>x</b>")


@pytest.mark.parametrize(
    "piece",
    [
        make_paragraph(BAD),
        make_list([BAD]),
        make_terms([(BAD, BAD)]),
        make_table([BAD], [[BAD]], caption=BAD),
        make_section(BAD, "text"),
        make_page(BAD, ["text"]),
        make_figure(render_figure(draw, title=BAD, height=2, suffix=".svg"), name="a", alt=BAD, caption=BAD),
    ],
)
def test_text_is_never_markup(piece):
    assert "<script" not in piece
    assert "<b>x" not in piece
    assert 'alert("1")' not in piece


def test_a_part_without_content_has_no_heading():
    assert make_section("Timing", "", make_table(["a"], [])) == ""


def test_ids_of_two_drawings_differ_and_each_leads_to_its_own():
    svg = render_figure(lambda figure: figure.subplots().plot([1, 2], marker="o"), title="T", height=2, suffix=".svg")
    page = make_figure(svg, name="one", alt="") + make_figure(svg, name="two", alt="")
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', page)) != set()
    assert {one or two for one, two in re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', page)} <= set(ids)


def test_a_drawing_has_a_text_and_takes_the_width_of_the_page():
    svg = render_figure(draw, title="T", height=2, suffix=".svg")
    start = make_figure(svg, name="a", alt="what it shows").split(">")[1]
    assert 'role="img" aria-label="what it shows"' in start
    assert "width=" not in start
    assert "viewBox=" in start
