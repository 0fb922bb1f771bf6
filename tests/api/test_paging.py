"""Pages of a list: every row on one of them, once, in order, whatever comes meanwhile."""

import pandas as pd
import pytest

from api.paging import Order, cut_page, read_cursor, write_cursor
from arrisk.errors import InputError

ROWS = pd.DataFrame({"id": [f"C{n:02d}" for n in range(20)], "amount": [n // 3 * (-1) ** n for n in range(20)]})
ORDERS = [Order("amount", "id", is_descending=True), Order("amount", "id"), Order("id", "id")]


def read_all(rows, order, limit):
    found, after = [], None
    while True:
        page, after = cut_page(rows, order=order, after=after, limit=limit)
        found += page["id"].tolist()
        if after is None:
            return found


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [1, 3, 19, 20, 21])
def test_the_pages_are_the_whole_list_in_order(order, limit):
    shuffled = ROWS.sample(frac=1, random_state=3)
    by = list(dict.fromkeys([order.column, order.key]))
    whole = ROWS.sort_values(by, ascending=[not order.is_descending, True][: len(by)])["id"].tolist()
    assert read_all(shuffled, order, limit) == whole


def test_rows_that_come_meanwhile_shift_nothing():
    order = ORDERS[1]
    first, after = cut_page(ROWS, order=order, after=None, limit=5)
    more = pd.concat([ROWS, pd.DataFrame({"id": ["A"], "amount": [-99]})], ignore_index=True)
    second, _ = cut_page(more, order=order, after=after, limit=50)
    assert sorted([*first["id"], *second["id"]]) == ROWS["id"].tolist()


def test_an_empty_list_is_one_empty_page():
    page, after = cut_page(ROWS.head(0), order=ORDERS[0], after=None, limit=5)
    assert (len(page), after) == (0, None)


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        "é",
        "!!!!",
        write_cursor("a"),
        write_cursor("a", "b"),
        write_cursor(1, 2),
        write_cursor(2**70, "b"),
        "[" * 400,
    ],
)
def test_a_cursor_of_another_list_is_refused(after):
    with pytest.raises(InputError, match="no cursor"):
        cut_page(ROWS, order=ORDERS[0], after=after, limit=5)


def test_a_cursor_is_read_as_it_was_written():
    assert read_cursor(write_cursor("Ä'; DROP TABLE x", 7), str, int) == ["Ä'; DROP TABLE x", 7]
