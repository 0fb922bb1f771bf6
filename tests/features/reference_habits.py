"""The habits of a customer by their definitions, in plain Python: days of payment, and how its silence is weighed.

It shares nothing with the kernel: days are looked through one by one, and chances are multiplied, never added up.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

MISS = 0.03 * 1.25
HIT = {"weekly": 0.97 * 5, "monthly": 0.97 * 21, "twice": 0.97 * 10.5}
START = {"weekly": 0.5 / 5, "monthly": 0.15 / 29, "twice": 0.15 / (29 * 14)}
UNSEEN = {1: 0.2, 2: 0.1, 3: 0.06, 4: 0.04, 5: 0.02}
MONTH_END = 29

IsPayday = Callable[[int], bool]


def make_date(day: int) -> date:
    """Give the date of a day."""
    return date(1970, 1, 1) + timedelta(days=int(day))


def is_last_business_day(day: int) -> bool:
    """Say whether no later day of the month is a Monday to Friday."""
    later = [make_date(day + n) for n in range(1, 4)]
    rest = [each for each in later if each.month == make_date(day).month and each.weekday() < 5]
    return make_date(day).weekday() < 5 and not rest


def list_month_days(day: int) -> set[int]:
    """List the days of the month that are paid on a day: its own, and on a Monday those of the weekend."""
    weekend = [day - 1, day - 2] if make_date(day).weekday() == 0 else []
    own = {make_date(each).day for each in (day, *weekend)}
    return {each for each in own if each < MONTH_END} | ({MONTH_END} if is_last_business_day(day) else set())


def list_rhythms(paid_days: set[int]) -> list[tuple[float, IsPayday]]:
    """List the rhythms with their weights relative to the likeliest, which is the first."""
    count = len(paid_days)
    weekdays = Counter(make_date(day).weekday() for day in paid_days)
    if weekdays[5] + weekdays[6] > 0.1 * count:
        return [(1.0, lambda day: True)]
    month_days = Counter(each for day in sorted(paid_days) for each in list_month_days(day))
    weekday = max(range(7), key=lambda each: weekdays[each])
    first = max(range(1, 30), key=lambda each: month_days[each])
    second = max((each for each in range(1, 30) if abs(each - first) >= 4), key=lambda each: month_days[each])

    def weigh(hits: int, kind: str, start: float) -> float:
        return start * HIT[kind] ** hits * MISS ** (count - hits)

    start = START["monthly"] if count else 0.15
    month_day = first if month_days[first] else MONTH_END
    rhythms = [
        (1.0, lambda day: make_date(day).weekday() < 5),
        (weigh(weekdays[weekday], "weekly", START["weekly"]), lambda day: make_date(day).weekday() == weekday),
        (weigh(month_days[first], "monthly", start), _make_run({month_day})),
    ]
    if month_days[first] and month_days[second]:
        hits = month_days[first] + month_days[second]
        rhythms.append((weigh(hits, "twice", START["twice"]), _make_run({first, second})))
    best = max(weight for weight, _ in rhythms)
    return sorted(((weight / best, rhythm) for weight, rhythm in rhythms), key=lambda each: -each[0])


def _make_run(days: set[int]) -> IsPayday:
    return lambda day: make_date(day).weekday() < 5 and bool(list_month_days(day) & days)


def find_run(due: int, is_payday: IsPayday) -> tuple[int, int]:
    """Give the days from the last day of payment up to a due day to it, and to the first one after it."""
    before = next(day for day in range(due, due - 100, -1) if is_payday(day))
    after = next(day for day in range(due + 1, due + 100) if is_payday(day))
    return due - before, after - before


def weigh_silence(
    day: int, *, last: int | None, paid_days: set[int], late: Sequence[int], dues: Sequence[int]
) -> float:
    """Weigh a silence since the last payment: ``late`` are days late of a year, ``dues`` due days of what is open."""
    start = max(day - 121, day - 121 if last is None else last)
    if day - start <= 1:
        return 0.0
    near = [due for due in dues if day - 180 <= due <= day + 40]
    chances = [0.0] * (day - start)
    for weight, is_payday in list_rhythms(paid_days):
        if weight > math.exp(-9):
            for place, chance in enumerate(_list_chances(day, start, is_payday, late, near)):
                chances[place] += weight * chance
    return math.log1p(0.0036 * sum(chances[:-1]) / max(chances[-1], 1e-290))


def _list_chances(
    day: int, start: int, is_payday: IsPayday, late: Sequence[int], dues: Sequence[int]
) -> Iterator[float]:
    """Give the chance of the silence for a customer that stops on each day, then of one that has not stopped."""
    chance, run = 1.0, next(each for each in range(start, start - 100, -1) if is_payday(each))
    yield chance
    for today in range(start + 1, day):
        if is_payday(today):
            still = math.prod(_share_unpaid(today - due, late) / _share_unpaid(run - due, late) for due in dues)
            unseen = UNSEEN.get(day - today, 0.005)
            chance, run = chance * (unseen + (1 - unseen) * still), today
        yield chance


def _share_unpaid(days: int, late: Sequence[int]) -> float:
    if days < -40:
        return 1.0
    days = min(days, 60)
    usual = 0.88 / (1 + math.exp((days + 4) / 7)) + 0.12 / (1 + math.exp((days - 25) / 12))
    later = sum(min(max(each, -40), 60) > days for each in late)
    return (later + 3 * usual) / (len(late) + 3)
