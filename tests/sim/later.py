"""A drawn world in which everything after a day is different."""

from dataclasses import replace

import numpy as np

from arrisk.frames import NEVER


def change_after(world, day):
    """Other states, no stops, no resumption and other ends after a day; what happens from it on happens later."""
    paths, stops, course = world.paths, world.paths.stops, world.settlements.course
    strength, discipline = paths.strength.copy(), paths.discipline.copy()
    strength[day - paths.first_day + 1 :] = 0
    discipline[day - paths.first_day + 1 :] = 0
    written_off = stops.write_off_day < day
    stops = replace(
        stops,
        stop_day=np.where(stops.stop_day > day, NEVER - 1, stops.stop_day),
        resume_day=np.where(stops.resume_day > day, NEVER, stops.resume_day),
        write_off_day=np.where(written_off, stops.write_off_day, NEVER),
        is_cured=np.where(written_off | (stops.resume_day <= day), stops.is_cured, ~stops.is_cured),
    )
    days = ("first_day", "final_day", "opened_day", "resolved_day")
    moved = {name: _delay(getattr(course, name), day) for name in days}
    parts = {name: _delay(getattr(world.settlements, name), day) for name in ("return_day", "rebate_day")}
    lost = _delay(world.settlements.written_off_day, day)
    settlements = replace(world.settlements, course=replace(course, **moved), written_off_day=lost, **parts)
    return replace(
        world, paths=replace(paths, strength=strength, discipline=discipline, stops=stops), settlements=settlements
    )


def _delay(days, begin):
    return np.where((days >= begin) & (days < NEVER), days + 3, days)
