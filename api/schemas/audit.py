"""What is answered of the records: who did what, when, and whether it is as it was written."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class EntryAnswer(BaseModel):
    """One entry of a record."""

    record: str = Field(description="The key of its record, such as closes/main/main.")
    seq: int
    at: str = Field(description="ISO 8601 in UTC.")
    by: str
    action: str
    content: dict[str, Any]
    sha256: str = Field(description="Of all that the entry says; the next one holds it too.")


class RecordAnswer(BaseModel):
    """One record, and how far it is as it was written."""

    place: str = Field(description="database, or folder: the state folder, where the commands keep theirs.")
    record: str
    count: int = Field(description="Entries that are sound.")
    last_sha256: str = Field(
        description="Of the last of them; note it elsewhere: lines cut off at the end leave no trace."
    )
    fault: str = Field(
        description="The first entry that does not follow from the one before, or how the record differs from what "
        "the last night noted of it; empty = nothing."
    )


class VerifyAnswer(BaseModel):
    """Every record, checked now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "is_sound": True,
                    "records": [
                        {
                            "place": "database",
                            "record": "closes/main/main",
                            "count": 3,
                            "last_sha256": "ab" * 32,
                            "fault": "",
                        }
                    ],
                }
            ]
        }
    )

    is_sound: bool
    records: list[RecordAnswer]
