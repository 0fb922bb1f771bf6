"""The policy of keeping: after how many days what is kept goes into an archive."""

from typing import Annotated

from pydantic import Field

from arrisk.policy.types import Section

KeptDays = Annotated[int, Field(strict=True, ge=1, le=36525)]


class RetentionPolicy(Section):
    """Days, by kind. Records stay where they are for good: the archive holds a copy."""

    runs: KeptDays
    jobs: KeptDays
    uploads: KeptDays
    sign_ins: KeptDays
    cases: KeptDays
    closes: KeptDays
    records: KeptDays
