"""What is posted and answered of sign-ins, users and keys."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Login = Annotated[str, Field(min_length=1, max_length=64, examples=["ana"])]
Password = Annotated[str, Field(min_length=1, max_length=200, examples=["four words are enough"])]


class _Posted(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignInRequest(_Posted):
    """Who wants in."""

    login: Login
    password: Password


class RefreshRequest(_Posted):
    """The refresh token of the last answer; each can be exchanged once."""

    refresh_token: Annotated[str, Field(min_length=1, max_length=200)]


class PasswordRequest(_Posted):
    """One's own password, the one until now and the next."""

    old: Password
    new: Password


class SessionAnswer(BaseModel):
    """Tokens: the first opens the other endpoints, the second is exchanged for new ones."""

    access_token: str = Field(description="For `Authorization: Bearer ...`.")
    expires_at: datetime
    refresh_token: str = Field(description="Good once; a second use ends the sign-in.")
    refresh_expires_at: datetime
    must_change_password: bool = Field(description="Nothing else is allowed before POST /v1/me/password.")


class CallerAnswer(BaseModel):
    """Who is asking, and what he may."""

    user_id: str
    login: str
    display_name: str
    roles: list[str]
    permissions: list[str]
    authority: str = Field(description="The role of the policy's authority; empty = decides on no amount.")
    entities: list[str] = Field(description="The selling companies whose rows he sees; empty = all.")
    must_change_password: bool
