"""Lists that a user filtered and wants to see so again."""

from typing import Annotated

from pydantic import BaseModel, Field

from api.texts import Name, Text, example


class ViewRequest(BaseModel):
    """What stands behind the question mark of the list's address, by name."""

    model_config = example(filters={"collector": "cleo", "sort": "overdue"})

    filters: Annotated[dict[Name, Text], Field(max_length=30)]


class ViewAnswer(BaseModel):
    """A list as a user filtered it."""

    page: str = Field(description="The list, such as worklist.")
    name: str
    filters: dict[str, str]
