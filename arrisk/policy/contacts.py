"""The policy of collecting: what a collector may put off and for how long, and when a promise counts as kept."""

from typing import Annotated

from pydantic import Field

from arrisk.policy.types import DayCount, Section, Share

Code = Annotated[str, Field(strict=True, pattern="^[a-z][a-z0-9_]*$")]


class ContactPolicy(Section):
    """What collectors may do, in which words."""

    promise_short_share: Share
    promise_grace_days: DayCount
    promise_within_days: Annotated[int, Field(strict=True, ge=1, le=3650)]
    promise_covers_share: Share
    snooze_within_days: Annotated[int, Field(strict=True, ge=1, le=3650)]
    news_share: Share
    move_days: Annotated[int, Field(strict=True, ge=1, le=3650)]
    channels: tuple[Code, ...]
    outcomes: tuple[Code, ...]
    dispute_reasons: tuple[Code, ...]
    dispute_outcomes: tuple[Code, ...]
