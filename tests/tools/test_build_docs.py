"""Generated pages follow the code."""

from tools.build_docs import PAGES, list_stale, write_pages


def test_a_new_checkout_gets_every_page(tmp_path):
    assert write_pages(tmp_path) == [name for name, _ in PAGES]
    assert list_stale(tmp_path) == []


def test_a_page_that_was_edited_is_stale_and_written_anew(tmp_path):
    write_pages(tmp_path)
    name, describe = PAGES[0]
    (tmp_path / name).write_text("edited", encoding="utf-8")
    assert list_stale(tmp_path) == [name]
    assert write_pages(tmp_path) == [name]
    assert (tmp_path / name).read_text(encoding="utf-8") == describe()
