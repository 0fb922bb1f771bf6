"""A grid for tests of curves: fine around the due date, weeks and months away from it."""

LAST_DAYS: tuple[int, ...] = (
    *(-61, -46, -31, -25, -20, -15, -12, -9, -7, -5, -3, -1, 0, 1, 3, 5, 7, 10, 14, 21, 30),
    *(45, 60, 75, 90, 120, 150, 180, 240, 300, 365, 545, 730),
)
"""The last day past due of each interval."""
