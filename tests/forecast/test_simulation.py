"""Paths of the open book: their mean is what is expected, they can be drawn again, and dependence widens the band."""

from dataclasses import replace

import numpy as np
import pytest

from arrisk.forecast import simulation
from arrisk.forecast.dependence import Dependence
from arrisk.forecast.receipts import OpenAmounts, Waiting
from arrisk.forecast.simulation import simulate_open
from tests.forecast.samples import random_open_book

USUAL = Dependence(customer=0.3, book=0.05)


def draw(open_book, *, dependence=USUAL, paths=400, seed=7):
    return simulate_open(open_book, dependence=dependence, paths=paths, seed=seed)


@pytest.mark.parametrize("dependence", [Dependence(0.0, 0.0), USUAL, Dependence(0.7, 0.25)])
def test_the_mean_of_the_paths_is_what_is_expected(dependence):
    open_book = replace(random_open_book(1), waiting=Waiting(0.1, 0.2))
    paths = draw(open_book, dependence=dependence, paths=4000)
    error = paths.std(axis=0) / np.sqrt(len(paths))
    assert (np.abs(paths.mean(axis=0) - open_book.split_expected().weeks) < 4.5 * error).all()


def test_the_same_seed_gives_the_same_paths_and_another_gives_others():
    open_book = random_open_book(2)
    assert draw(open_book).tolist() == draw(open_book).tolist()
    assert draw(open_book).tolist() != draw(open_book, seed=8).tolist()


def test_no_path_brings_in_more_than_is_open():
    open_book = random_open_book(3, weeks=52)
    paths = draw(open_book)
    assert (paths >= 0).all()
    assert (paths.sum(axis=1) <= open_book.amounts.sum() + 1e-6).all()


@pytest.mark.parametrize("stronger", [Dependence(0.5, 0.0), Dependence(0.0, 0.2)])
def test_dependence_widens_the_band(stronger):
    open_book = random_open_book(4, count=600, customers=12)
    alone, together = (
        np.diff(np.quantile(draw(open_book, dependence=each, paths=1500), [0.1, 0.9], axis=0), axis=0).sum()
        for each in (Dependence(0.0, 0.0), stronger)
    )
    assert together > 1.2 * alone


def test_a_customer_cut_in_two_by_the_size_of_a_step_is_still_one(monkeypatch):
    open_book = random_open_book(5, count=200, customers=1)
    spread = draw(open_book, dependence=Dependence(0.7, 0.0), paths=500).std(axis=0).sum()
    monkeypatch.setattr(simulation, "_SCORES_AT_ONCE", 500 * 7)
    in_steps = draw(open_book, dependence=Dependence(0.7, 0.0), paths=500).std(axis=0).sum()
    assert in_steps == pytest.approx(spread, rel=0.1)


def test_an_empty_book_brings_nothing():
    open_book = random_open_book(6)
    empty = OpenAmounts(open_book.items.iloc[:0], open_book.curves.take(slice(0, 0)), open_book.horizon)
    assert not draw(empty).any()
    assert draw(empty).shape == (400, 13)
