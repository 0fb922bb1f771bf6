"""The environment: where the state is and how the service runs. Neither policy nor hyper-parameters stand here."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from arrisk.errors import BookError, InputError, nearest
from arrisk.records import FolderRecords

PREFIX = "ARRISK_"

_HERE = ("127.0.0.1", "::1", "localhost")

_KNOWN_ELSEWHERE = {"ARRISK_CHROMIUM", "ARRISK_E2E", "ARRISK_REALDATA"}
"""Names of the environment that are no settings of the service."""


def arrisk_home() -> Path:
    """Give the folder of the model store and the database: ``ARRISK_HOME``, or ``.arrisk`` in the user's home."""
    return Path(os.environ.get("ARRISK_HOME") or Path.home() / ".arrisk").expanduser().resolve()


def open_records() -> FolderRecords:
    """Give the records of the state folder."""
    return FolderRecords(arrisk_home())


class Settings(BaseModel):
    """How the service runs; each is read from ``ARRISK_`` + its name in capitals.

    Examples
    --------
    >>> read_settings({"ARRISK_PORT": "9000"}).port
    9000
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    home: Path = Field(default_factory=arrisk_home)
    database_url: str = ""
    upgrade: Literal["auto", "always", "never"] = "auto"
    policy: Path | None = None
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    processes: Annotated[int, Field(ge=1, le=64)] = 1
    sign_in: Literal["required", "off"] = "required"
    secure_cookies: Literal["auto", "always"] = "auto"
    requests_per_minute: Annotated[int, Field(ge=0)] = 60_000
    sign_ins_per_minute: Annotated[int, Field(ge=0)] = 120
    max_bytes: Annotated[int, Field(ge=1024, le=2**31)] = 32 * 1024 * 1024
    max_rows: Annotated[int, Field(ge=1)] = 50_000
    max_upload_bytes: Annotated[int, Field(ge=1024)] = 2**30
    max_unpacked_bytes: Annotated[int, Field(ge=1024)] = 2**32
    prepare: Literal["on", "off"] = "on"
    stop_seconds: Annotated[int, Field(ge=1, le=3600)] = 30
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "json", "plain"] = "auto"

    @field_validator("home", "policy")
    @classmethod
    def _stands_somewhere(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().resolve()

    @model_validator(mode="after")
    def _lets_no_stranger_in(self) -> Self:
        if self.sign_in == "off" and self.host not in _HERE:
            raise ValueError("without sign-in the service listens on this machine alone: 127.0.0.1")
        return self


def read_settings(environ: Mapping[str, str] | None = None, **flags: object) -> Settings:
    """Read the settings; what is empty counts as not given.

    Parameters
    ----------
    environ : names and values; None = those of the process.
    **flags : settings by name that were given on the command line and win; None = not given.

    Raises
    ------
    InputError
        When a value cannot be used. It is not repeated: an address may hold a password.
    """
    given = os.environ if environ is None else environ
    found: dict[str, object] = {
        name: given[name_variable(name)] for name in Settings.model_fields if given.get(name_variable(name))
    }
    found |= {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "sign_in"
        where = f"--{name.replace('_', '-')}" if flags.get(name) is not None else name_variable(name)
        raise InputError("a setting cannot be used", where=where, hint=first["msg"]) from None


def write_settings(settings: Settings) -> dict[str, str]:
    """Write settings as the variables from which ``read_settings`` reads the same.

    Examples
    --------
    >>> write_settings(Settings(port=9000))["ARRISK_PORT"]
    '9000'
    """
    return {name_variable(name): str(value) for name, value in settings if value is not None}


def name_variable(setting: str) -> str:
    """Name the variable of a setting.

    Examples
    --------
    >>> name_variable("log_level")
    'ARRISK_LOG_LEVEL'
    """
    return PREFIX + setting.upper()


def list_unknown(environ: Mapping[str, str] | None = None) -> list[str]:
    """Warn, one text each, of variables that look like settings and are none.

    Examples
    --------
    >>> list_unknown({"ARRISK_PROT": "9000", "PATH": "/bin"})
    ["ARRISK_PROT is not a setting: did you mean 'ARRISK_PORT'?"]
    """
    given = os.environ if environ is None else environ
    known = {name_variable(name) for name in Settings.model_fields} | _KNOWN_ELSEWHERE
    unknown = sorted(name for name in given if name.startswith(PREFIX) and name not in known)
    return [f"{name} is not a setting: {nearest(name, known)}" for name in unknown]


def find_sample() -> Path:
    """Give the folder of the shipped portfolio, in an installed package or in a checkout.

    Raises
    ------
    BookError
        When it is in neither place.
    """
    package = Path(__file__).parent
    for folder in (package / "sample_data" / "book", package.parent / "data" / "sample" / "book"):
        if folder.is_dir():
            return folder
    raise BookError("the shipped portfolio is not there", where=str(package), hint="install arrisk again")
