"""What is posted and answered of sign-ins, users and keys."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"
"""Names are shown in tables and logs."""

Login = Annotated[str, Field(min_length=1, max_length=64, examples=["ana"])]
Password = Annotated[str, Field(min_length=1, max_length=200, examples=["four words are enough"])]

Name = Annotated[str, Field(max_length=200, pattern=NO_CONTROLS)]
Scope = Annotated[str, Field(min_length=1, max_length=100)]
Roles = Annotated[list[Scope], Field(min_length=1, max_length=100, examples=[["analyst"]])]
Entities = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=1000)]


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


class UserRequest(_Posted):
    """A new user. The first password has to be changed by him before anything else."""

    login: Login = Field(description="Lower case; it stays in the records for good: no e-mail address.")
    display_name: Name = ""
    roles: Roles
    authority: Name = ""
    entities: Entities = []
    password: Password | None = Field(default=None, description="null = he works by keys alone.")


class UserChange(_Posted):
    """What is to change; what is left out stays."""

    display_name: Name | None = None
    roles: Roles | None = None
    authority: Name | None = None
    entities: Entities | None = None
    is_active: Annotated[bool, Field(strict=True)] | None = Field(
        default=None, description="false = he cannot sign in, and his tokens are good no more."
    )


class NewPassword(_Posted):
    """A password for somebody else, who has to change it first."""

    password: Password


class UserAnswer(BaseModel):
    """One user."""

    user_id: str
    login: str
    display_name: str
    roles: list[str]
    authority: str
    entities: list[str] = Field(description="The selling companies whose rows he sees; empty = all.")
    is_active: bool
    is_erased: bool
    version: int = Field(description="As in the ETag.")
    changed_at: datetime
    changed_by: str


class KeyRequest(_Posted):
    """A key for a program of one's own."""

    name: Annotated[str, Field(min_length=1, max_length=200, examples=["order desk"])]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=100, examples=[["score.stateless"]])]
    days: Annotated[int, Field(ge=1, le=3650)] | None = Field(default=None, description="null = as the policy says.")


class KeyAnswer(BaseModel):
    """One key, without its secret."""

    key_id: str
    prefix: str = Field(description="How the key begins.")
    name: str
    user_id: str
    scopes: list[str]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class NewKeyAnswer(KeyAnswer):
    """A key as it is shown once."""

    key: str = Field(description="For `X-API-Key`, or `Authorization: Bearer ...`; it is not shown again.")


class RoleAnswer(BaseModel):
    """One role, and what it allows."""

    name: str
    permissions: dict[str, str] = Field(description="Each with its meaning.")


class AuthorityAnswer(BaseModel):
    """An authority of the policy: who has it decides on amounts."""

    name: str
    up_to: float | None = Field(description="In the book currency; null = any amount.")
