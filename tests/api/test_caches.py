"""What is slow to make is made once, and few of it are kept."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from api.caches import Cache


def test_what_is_kept_is_not_made_again():
    cache, made = Cache(2), []
    for _ in range(3):
        assert cache.get("a", lambda: made.append(1) or "one") == "one"
    assert made == [1]


def test_threads_that_ask_at_once_wait_for_one_maker():
    cache, made, begun, go = Cache(2), [], Event(), Event()

    def make():
        made.append(1)
        begun.set()
        assert go.wait(10)
        return "one"

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(cache.get, "a", make)
        assert begun.wait(10)
        others = [pool.submit(cache.get, "a", make) for _ in range(3)]
        assert cache.get("b", lambda: "two") == "two", "another key does not wait"
        go.set()
        assert [one.result(10) for one in (first, *others)] == ["one"] * 4
    assert made == [1]


def test_the_one_asked_for_longest_ago_is_forgotten_first():
    cache = Cache(2)
    for key in ("a", "b", "a", "c"):
        cache.get(key, lambda: key)  # noqa: B023
    made = []
    for key in ("a", "c", "b"):
        cache.get(key, lambda: made.append(key))  # noqa: B023
    assert made == ["b"]
    assert len(cache) == 2


def test_what_fails_is_tried_again():
    cache = Cache(2)
    with pytest.raises(ValueError, match="no"):
        cache.get("a", lambda: int("no"))
    assert cache.get("a", lambda: 1) == 1


def test_keys_of_a_kind_are_forgotten():
    cache = Cache(4)
    for key in (("alder", 1), ("birch", 1)):
        cache.get(key, lambda: 1)
    cache.forget(lambda key: key[0] == "alder")
    assert len(cache) == 1
