"""The roll-rate method: rates of loss are products of the later roll rates.

What is still open goes on step by step, item by item, so that new sales do not get in between; and nothing has to be
followed from its issue to its end, so that the newest steps tell of the times as they are.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.allowance.estimates import Estimate
from arrisk.allowance.exposures import IN_DEFAULT, Exposures, name_segments
from arrisk.allowance.flows import STEP_DAYS
from arrisk.allowance.loss_shares import read_loss_shares
from arrisk.allowance.methods.chain import follow_chain
from arrisk.allowance.methods.roll_cells import GOINGS, RollCells, collect_cells, number_steps
from arrisk.frames import NEVER, day_of, match, to_days
from arrisk.modeling.lgd.losses import Losses
from arrisk.modeling.rows import Floats, Ints, Mask
from arrisk.policy import Policy
from arrisk.policy.allowance import AllowancePolicy
from arrisk.schema import Book

PERFORMING, POOL = "performing", "all segments"

_STAYED, _CROSSED, _WRITTEN, _OTHER = range(len(GOINGS))
_DRAWS, _SEED, _CELLS = 400, 20_240_101, 4_000_000


@dataclass(frozen=True)
class _Chains:
    """Shares of what goes where, and what comes of it; the last of the segments is the pool.

    Parameters
    ----------
    performing : shape (draws, segments + 1, performing steps, 4).
    in_default : shape (draws, default steps, 4).
    lost, steps : shape (draws, segments + 1, performing steps + default steps).
    is_seen : where anything was seen to go on or to be lost, of all segments together; shape (performing steps,).
    """

    performing: Floats
    in_default: Floats
    lost: Floats
    steps: Floats
    is_seen: Mask


def estimate_roll_rate(
    exposures: Exposures, flows: pd.DataFrame, book: Book, losses: Losses, *, policy: Policy
) -> Estimate:
    """Estimate what will be written off of each open item by the roll rates of the newest steps.

    Parameters
    ----------
    exposures : the open items.
    flows : as given by ``list_flows`` as of the same day.
    book : says which segment a customer belongs to.
    losses : fitted on what was known before the day.
    policy : how many steps, how many customers make a step, how strongly segments are drawn to the pool, and the
        confidence of the upper bound.

    Notes
    -----
    A customer in good standing has the rates of its segment, drawn to those of all segments; one in default those of
    all in default. Of the last step, which is open-ended, what is lost is the share written off of all that left it.
    Where nothing at all was seen to go on or to be lost, Jeffreys' prior stands in: half a customer of those seen.
    The upper bound is a quantile of the posterior (Rubin, The Bayesian Bootstrap, 1981) over customers.
    """
    settings = policy.allowance
    newest = flows.loc[flows["step"] < settings.roll_steps]
    newest = newest.assign(segment=_name_segments(book, newest["customer_id"], exposures, settings))
    cells = collect_cells(newest, customers_at_least=settings.roll_customers_at_least)
    chains = _fit_chains(cells, np.ones((1, cells.amounts[0].shape[0])), settings.prior_strength, rng=None)
    upper = np.maximum(_bound(cells, settings), chains.lost[0])
    rates = _list_rates(cells, chains, upper, settings.prior_strength)
    group, state = _place_items(exposures, cells)
    is_note = (exposures.items["kind"] == "credit_note").to_numpy()
    with_cover, bare = read_loss_shares(exposures, losses)
    return Estimate(
        p_lost=np.where(is_note, 0.0, chains.lost[0, group, state]),
        p_upper=np.where(is_note, 0.0, upper[group, state]),
        loss_share=with_cover,
        uncovered_loss_share=bare,
        loss_days=_to_days(chains.steps[0, group, state]),
        rates=rates,
        notes=tuple(_list_notes(rates, newest, settings)),
    )


def _name_segments(
    book: Book, customer_ids: pd.Series, exposures: Exposures, settings: AllowancePolicy
) -> pd.Categorical:
    place, ids = pd.factorize(customer_ids)
    names = name_segments(book, pd.Series(ids, dtype="str"), as_of=exposures.as_of, policy=settings)
    return pd.Categorical(names)[place]


def _place_items(exposures: Exposures, cells: RollCells) -> tuple[Ints, Ints]:
    """Give the segment and the state (the step of its chain) of each open item."""
    items = exposures.items
    due = to_days(items["due_on"])
    # Without a due date it has as long to go as what is due today.
    step = number_steps(np.where(due < NEVER, day_of(exposures.as_of) - due, 0))
    place = match(items["segment"], pd.Series(cells.segments, dtype="str"))
    bad = items["is_in_default"].to_numpy()
    state = np.where(bad, len(cells.performing) + cells.in_default.place(step), cells.performing.place(step))
    return np.where(bad | (place < 0), len(cells.segments), place), state


def _bound(cells: RollCells, settings: AllowancePolicy) -> Floats:
    """Bound what is lost from above, shape (segments + 1, states)."""
    rng = np.random.default_rng(_SEED)
    count = cells.amounts[0].shape[0]
    block = max(1, min(_DRAWS, _CELLS // count))
    sizes = [min(block, _DRAWS - start) for start in range(0, _DRAWS, block)]
    draws = [
        _fit_chains(cells, rng.exponential(size=(size, count)), settings.prior_strength, rng=rng).lost for size in sizes
    ]
    return np.asarray(np.quantile(np.concatenate(draws), settings.confidence, axis=0))


def _fit_chains(cells: RollCells, weights: Floats, strength: float, *, rng: np.random.Generator | None) -> _Chains:
    """Estimate both chains with each customer counted so often; weights of shape (draws, customers)."""
    own, bad = cells.split(cells.sum_amounts(weights))
    seen, bad_seen = (part[0] for part in cells.split(cells.customers[None]))
    left, bad_left = (part[0] for part in cells.split(cells.leavers[None]))
    pool, is_seen = _share(own.sum(axis=1), seen.sum(axis=0), left.sum(axis=0), is_lost=[_CROSSED, _WRITTEN], rng=rng)
    in_default, _ = _share(bad, bad_seen, bad_left, is_lost=[_WRITTEN], rng=rng)
    trust = (1.0 - _weigh_pool(seen, strength))[..., None] * is_seen[:, None]
    drawn = trust * _divide(own) + (1.0 - trust) * pool[:, None]
    performing = np.concatenate([drawn, pool[:, None]], axis=1)
    lost, steps = follow_chain(*_list_moves(cells, performing, in_default))
    return _Chains(performing, in_default, lost, steps, is_seen)


def _weigh_pool(customers: Floats, strength: float) -> Floats:
    """Give how much the pool's share counts in that of a segment; it is worth one customer at least."""
    return np.asarray(max(strength, 1.0) / (customers + max(strength, 1.0)))


def _share(
    sums: Floats, customers: Floats, leavers: Floats, *, is_lost: list[int], rng: np.random.Generator | None
) -> tuple[Floats, Mask]:
    """Give which share goes where, shape (draws, steps, 4), and where anything was seen to go on or to be lost.

    Elsewhere half a customer does, and segments have nothing to tell apart.
    """
    share, goes_on = _divide(sums), [_STAYED, _CROSSED, _WRITTEN]
    is_seen = np.append(sums[0, :-1, goes_on].sum(axis=0) > 0, sums[0, -1, is_lost].sum() > 0)
    inner = _give_half(share[:, :-1], customers[:-1], to=_STAYED, rng=rng)
    last = _give_half(share[:, -1:], leavers[-1:], to=_WRITTEN, rng=rng)
    return np.where(is_seen[:, None], share, np.concatenate([inner, last], axis=1)), is_seen


def _give_half(share: Floats, customers: Floats, *, to: int, rng: np.random.Generator | None) -> Floats:
    """Let half a customer of those that left go one way: the mean of Jeffreys' posterior, or draws from it."""
    shape = share.shape[:-1]
    half = np.broadcast_to(0.5 / (customers + 1.0), shape) if rng is None else rng.beta(0.5, customers + 0.5, shape)
    # When nothing has ever left a step, all of it leaves at once: where to is then all that is asked.
    left = np.where(share[..., _STAYED] < 1, 1.0 - share[..., _STAYED], 1.0)
    mended = share * (1.0 - half)[..., None]
    mended[..., _STAYED] = 1.0 - left
    mended[..., to] += left * half
    mended[..., _OTHER] += 1.0 - mended.sum(axis=-1)
    return mended


def _divide(sums: Floats) -> Floats:
    whole = sums.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(sums, whole, out=np.zeros_like(sums), where=whole > 0))


def _list_moves(cells: RollCells, performing: Floats, in_default: Floats) -> tuple[Floats, Floats]:
    """Put the shares of both chains into one: moves of shape (draws, segments + 1, states, states), and write-offs."""
    shape = performing.shape[:2]
    both = np.broadcast_to(in_default[:, None], (*shape, *in_default.shape[1:]))
    shares = np.concatenate([performing, both], axis=2)
    moves = np.zeros((*shape, shares.shape[2], shares.shape[2]))
    size = len(cells.performing)
    for state in range(shares.shape[2]):
        span = cells.performing if state < size else cells.in_default
        following = np.array([(state if state < size else state - size) + span.first + 1])
        good, bad = int(cells.performing.place(following)[0]), size + int(cells.in_default.place(following)[0])
        same, across = (good, bad) if state < size else (bad, good)
        moves[..., state, same] += shares[..., state, _STAYED]
        moves[..., state, across] += shares[..., state, _CROSSED]
    return moves, shares[..., _WRITTEN]


def _to_days(steps: Floats) -> Floats:
    """Turn the step in which something is written off into days: the middle of that step."""
    return np.maximum(steps - 0.5, 0.0) * STEP_DAYS


def _list_rates(cells: RollCells, chains: _Chains, upper: Floats, strength: float) -> pd.DataFrame:
    """List every step of both chains with its amounts, so that each rate can be computed again."""
    size = len(cells.performing)
    amounts = _stack(cells, cells.sum_amounts(np.ones((1, cells.amounts[0].shape[0]))))
    customers = _stack(cells, cells.customers[None])
    shares = np.concatenate([chains.performing[0].reshape(-1, len(GOINGS)), chains.in_default[0]])
    seen = np.append(np.tile(chains.is_seen, len(cells.segments) + 1), np.ones(len(cells.in_default), dtype=bool))
    results = {"p_lost": chains.lost[0], "p_upper": upper, "loss_days": _to_days(chains.steps[0])}
    segments = [*cells.segments, POOL]
    is_own = np.repeat(np.arange(len(segments)) < len(cells.segments), size)
    is_own = np.append(is_own, np.zeros(len(cells.in_default), dtype=bool))
    columns = {
        "segment": np.append(np.repeat(segments, size), np.repeat(POOL, len(cells.in_default))),
        "chain": np.where(np.arange(len(shares)) < size * len(segments), PERFORMING, IN_DEFAULT),
        "age": [*cells.performing.name() * len(segments), *cells.in_default.name()],
        "step": [*cells.performing.list_steps() * len(segments), *cells.in_default.list_steps()],
        "customers": customers.astype("int64"),
        "leavers": _stack(cells, cells.leavers[None]).astype("int64"),
        "open_amount": amounts.sum(axis=1),
        **{f"{name}_amount": amounts[:, way] for way, name in enumerate(GOINGS)},
        "pool_weight": np.where(is_own, np.where(seen, _weigh_pool(customers, strength), 1.0), 0.0),
        **{f"{name}_rate": shares[:, way] for way, name in enumerate(GOINGS)},
        **{name: np.append(values[:, :size], values[-1, size:]) for name, values in results.items()},
    }
    return pd.DataFrame(columns).astype({"segment": "str", "chain": "str"})


def _stack(cells: RollCells, values: Floats) -> Floats:
    """Put values of cells, shape (1, cells, ...), into the order of the rates: with the pool after the segments."""
    good, bad = (part[0] for part in cells.split(values))
    good = np.concatenate([good, good.sum(axis=0, keepdims=True)])
    return np.concatenate([good.reshape(-1, *good.shape[2:]), bad])


def _list_notes(rates: pd.DataFrame, newest: pd.DataFrame, settings: AllowancePolicy) -> list[str]:
    steps, least = int(newest["step"].nunique()), settings.roll_customers_at_least
    window = f"roll rates of the newest {steps} steps of {STEP_DAYS} days"
    notes = [f"{window}; ages with fewer than {least} customers count with the first or the last step, open-ended"]
    pools = rates.loc[rates["segment"] == POOL]
    for chain, lost in ((PERFORMING, ["crossed_amount", "written_off_amount"]), (IN_DEFAULT, ["written_off_amount"])):
        last = pools.loc[pools["chain"] == chain].iloc[-1]
        if last[lost].sum() == 0:
            notes.append(
                f"{chain}: nothing was seen to be lost from the last step ({last['age']}); of the {last['leavers']} "
                f"customers that left it half a customer counts as lost (Jeffreys' prior), so that no rate is zero"
            )
    own = rates.loc[rates["segment"] != POOL]
    borrowed = int((own["pool_weight"] > 0.5).sum())
    if borrowed:
        notes.append(
            f"in {borrowed} of {len(own)} steps of segments the pool's rates weigh more than the segment's own"
        )
    return notes
