"""The tables of the database. Rows are added and never changed; what is not, says so."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from arrisk.store.append_only import refuse_changes

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ENTRIES = Table(
    "entries",
    METADATA,
    Column("key", String(200), primary_key=True, comment="the record, such as decisions/alder"),
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False, comment="ISO 8601 in UTC"),
    Column("by", String(200), nullable=False),
    Column("action", String(100), nullable=False),
    Column("content", Text, nullable=False, comment="JSON, as it was hashed"),
    Column("previous_sha256", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
)
"""One row per act of a person, in chains of hashes."""

refuse_changes(ENTRIES)

_MOMENT = String(40)
_SHA256 = String(64)

USERS = Table(
    "users",
    METADATA,
    Column("user_id", String(40), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False, comment="1, 2, ...; the last one counts"),
    Column("login", String(64), nullable=False, comment="never given to anybody else, and not changed"),
    Column("display_name", String(200), nullable=False, comment="emptied in every row when the person is erased"),
    Column("roles", Text, nullable=False, comment="JSON"),
    Column("authority", String(100), nullable=False, comment="a role of the policy's authority; empty = none"),
    Column("entities", Text, nullable=False, comment="JSON; the selling companies that may be seen, [] = all"),
    Column("is_active", Boolean, nullable=False),
    Column("is_erased", Boolean, nullable=False),
    Column("changed_at", _MOMENT, nullable=False),
    Column("changed_by", String(200), nullable=False),
    UniqueConstraint("login", "version"),
)
"""One row per change of a user."""

PASSWORDS = Table(
    "passwords",
    METADATA,
    Column("user_id", String(40), primary_key=True),
    Column("hash", String(200), nullable=False, comment="argon2id"),
    Column("set_at", _MOMENT, nullable=False),
    Column("is_temporary", Boolean, nullable=False, comment="somebody else set it: to be changed before anything else"),
)
"""One row per user who can sign in; replaced, since an old one is of use to a thief alone."""

SIGN_INS = Table(
    "sign_ins",
    METADATA,
    Column("sign_in_id", String(40), primary_key=True),
    Column("login_sha256", _SHA256, nullable=False, comment="hashed, since a password is sometimes typed there"),
    Column("at", _MOMENT, nullable=False),
    Index("ix_sign_ins_login_sha256_at", "login_sha256", "at"),
)
"""One row per failed sign-in; those of a login go when it succeeds, and all of them with time."""

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("session_id", String(40), primary_key=True),
    Column("user_id", String(40), nullable=False, index=True),
    Column("made_at", _MOMENT, nullable=False),
    Column("ends_at", _MOMENT, nullable=False, comment="no token of it is good after this"),
    Column("revoked_at", _MOMENT, nullable=True, comment="filled once"),
)
"""One row per sign-in that succeeded: the family of its tokens. Those that ended go with time."""

TOKENS = Table(
    "tokens",
    METADATA,
    Column("token_sha256", _SHA256, primary_key=True),
    Column("session_id", String(40), ForeignKey("sessions.session_id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False, comment="access or refresh"),
    Column("expires_at", _MOMENT, nullable=False),
    Column("used_at", _MOMENT, nullable=True, comment="of a refresh token; filled once"),
)
"""One row per token of a sign-in."""

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("key_id", String(40), primary_key=True),
    Column("key_sha256", _SHA256, nullable=False, unique=True),
    Column("prefix", String(20), nullable=False, comment="how it begins, to tell one from another"),
    Column("name", String(200), nullable=False, comment="what it is for"),
    Column("user_id", String(40), nullable=False, index=True),
    Column("scopes", Text, nullable=False, comment="JSON; permissions"),
    Column("made_at", _MOMENT, nullable=False),
    Column("expires_at", _MOMENT, nullable=False),
    Column("revoked_at", _MOMENT, nullable=True, comment="filled once"),
)
"""One row per key of a program."""

ANSWERS = Table(
    "answers",
    METADATA,
    Column("caller_id", String(40), primary_key=True),
    Column("idempotency_key", String(200), primary_key=True),
    Column("request_sha256", _SHA256, nullable=False, comment="of method, address and body"),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False, comment="JSON"),
    Column("body", LargeBinary, nullable=True, comment="empty = not kept, because it held a secret"),
    Column("at", _MOMENT, nullable=False, index=True),
)
"""One row per request that changed something; they go after a day."""

SAVED_VIEWS = Table(
    "saved_views",
    METADATA,
    Column("user_id", String(40), primary_key=True),
    Column("page", String(40), primary_key=True, comment="the list that is filtered, such as worklist"),
    Column("name", String(100), primary_key=True),
    Column("filters", Text, nullable=False, comment="JSON; what stands behind the question mark, by name"),
    Column("changed_at", _MOMENT, nullable=False),
)
"""One row per list that a user filtered and wants to see so again; replaced and dropped by that user alone."""
