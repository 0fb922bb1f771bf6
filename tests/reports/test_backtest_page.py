"""The page of a backtest: it says what the report says, leaves out what is not there, and stands on its own."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from arrisk.reports.backtest_page import Evidence, write_backtest
from tests.reports.backtests import make_backtest

CORE = ("cutoff", "ledger", "rows_train", "rows_test", "base_rate", "champion", "candidates", "baselines")
GROUPS = ("by_history_depth", "by_amount_decile", "intervals")


@pytest.fixture(scope="module")
def backtest():
    return make_backtest()


@pytest.fixture(scope="module")
def files(backtest):
    return write_backtest(*backtest)


@pytest.fixture(scope="module")
def page(files):
    return files["index.html"].decode()


class Balance(HTMLParser):
    """Counts what is opened and not closed."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.wrong = []

    def handle_starttag(self, tag, attrs):
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def keep_reasons(evidence):
    """Leave out the pictures that other tests have drawn: each takes a second."""
    return replace(evidence, reliability={}, curves={})


def read_headings(page):
    return re.findall(r"<h2>(.*?)</h2>", page)


def test_the_page_its_data_and_its_pictures_are_written(files):
    assert {name for name in files if not name.endswith((".svg", ".png"))} == {"index.html", "report.json"}
    pictures = {"reliability_p_late", "curves_1", "calibration_ageing", "reasons"}
    assert {name.rsplit(".", 1)[0] for name in files if name.endswith(".svg")} == pictures
    assert {name.rsplit(".", 1)[0] for name in files if name.endswith(".png")} == pictures


def test_the_data_are_the_report(files, backtest):
    assert json.loads(files["report.json"]) == backtest[0]


def test_the_answer_has_the_figures_of_the_report(page, backtest):
    report = backtest[0]
    answer = re.search(r'<p class="answer">(.*?)</p>', page).group(1)
    own, gain = (report["intervals"][name] for name in ("log_loss", "log_loss_gain_over_base_rate"))
    assert f"log loss of {own['value']:.3f} ({own['low']:.3f} to {own['high']:.3f})" in answer
    assert f"{report['baselines']['base_rate']['log_loss']:.3f} for the base rate" in answer
    assert f"{gain['value']:.3f} ({gain['low']:.3f} to {gain['high']:.3f})" in answer
    assert answer.count(". ") == 1


def test_a_gain_that_may_be_chance_is_not_called_clear(backtest):
    report, _ = backtest
    interval = {"value": 0.01, "low": -0.01, "high": 0.03}
    doubtful = report | {"intervals": report["intervals"] | {"log_loss_gain_over_base_rate": interval}}
    page = write_backtest(doubtful, Evidence())["index.html"].decode()
    assert "0.010 (−0.010 to 0.030), not everywhere clear of zero" in page


def test_the_sections_stand_in_the_order_in_which_they_are_read(page):
    assert read_headings(page) == [
        "Candidates and baselines",
        "Does it happen as often as predicted?",
        "Do the curves hold?",
        "When it is paid",
        "How the calibration ages",
        "By what is known of the customer",
        "By amount",
        "Weighted by amount",
        "Several cutoffs",
        "What moves the score",
        "What the words mean",
        "How far this can be trusted",
    ]


def test_what_is_not_there_is_left_out(backtest):
    report = {name: backtest[0][name] for name in (*CORE, *GROUPS)}
    files = write_backtest(report, Evidence())
    assert set(files) == {"index.html", "report.json"}
    headings = read_headings(files["index.html"].decode())
    assert headings[:3] == ["Candidates and baselines", "By what is known of the customer", "By amount"]
    assert len(headings) in {5, 6}


def test_days_of_payment_that_nobody_could_have_seen_are_not_judged(backtest):
    report = {name: backtest[0][name] for name in (*CORE, *GROUPS)}
    empty = {"rows": 0, "mae_median_days": None, "coverage": None}
    timing = {"rows": 0, "window_days": 90, "candidates": {"boosted": empty}, "by_history_depth": {"0": empty}}
    page = write_backtest(report | {"timing": timing}, Evidence())["index.html"].decode()
    section = page.split("<h2>When it is paid</h2>")[1].split("<h2>")[0]
    assert "No tested invoice was paid and followed for 90 days past due" in section
    assert "<table" not in section


@pytest.mark.slow
def test_names_from_the_ledger_stay_text():
    name = '</style><script>alert("x")</script>'
    report, evidence = make_backtest(ledger=name, reason=name)
    page = write_backtest(report, keep_reasons(evidence))["index.html"].decode()
    assert "<script" not in page
    assert page.count("</style>") == page.count("<style")
    assert "&lt;script&gt;" in page


def test_the_page_loads_nothing(page):
    assert re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', page.replace("xlink:", "")) == []
    assert "url(http" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page


def test_the_page_is_well_formed_and_every_picture_has_a_text(page):
    balance = Balance()
    balance.feed(page)
    assert (balance.open, balance.wrong) == ([], [])
    assert page.count("<figure>") == len(re.findall(r'<svg role="img" aria-label="[^"]{30,}"', page)) == 4


@pytest.mark.slow
def test_the_same_report_is_the_same_page(backtest):
    report, evidence = backtest
    assert write_backtest(report, keep_reasons(evidence)) == write_backtest(report, keep_reasons(evidence))


def test_few_late_invoices_are_warned_of(page, backtest):
    report = backtest[0]
    assert f"Only {report['rows_test']} invoices were tested" in page
    part = report["horizons"]["p_late_90"]
    late = round(part["rows_test"] * part["base_rate"])
    assert f"More than 90 days late (p_late_90): only {late} of {part['rows_test']} tested invoices" in page
