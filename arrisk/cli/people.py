"""Commands for whoever runs the service: user and key."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from arrisk import store
from arrisk.cli.operate import DatabaseUrl, opened
from arrisk.cli.output import say, show_table
from arrisk.errors import InputError
from arrisk.policy import load_policy
from arrisk.policy.access import PERMISSIONS
from arrisk.store import people, sessions
from arrisk.store.people import User
from arrisk.uses import accounts as use
from arrisk.uses.accounts import Accounts

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="How the user signs in, such as ana.")]
Roles = Annotated[
    list[str] | None, typer.Option("--role", metavar="ROLE", help="`arrisk user roles` lists them; may be repeated.")
]
Authority = Annotated[
    str | None, typer.Option(metavar="ROLE", help="The policy's authority on whose amount the user decides.")
]
Entities = Annotated[
    list[str] | None,
    typer.Option("--entity", metavar="NAME", help="Only rows of this selling company; may be repeated. Else all."),
]
PasswordFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Its first line is the password; else it is asked for.")
]
Own = Annotated[
    bool, typer.Option("--own", help="The user himself types the password; else it has to be changed first.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    users = typer.Typer(help="Who uses the service, and what they may.", no_args_is_help=True)
    users.command("add")(add)
    users.command("list")(list_users)
    users.command("roles")(list_roles)
    users.command("change")(change)
    users.command("password")(password)
    users.command("disable")(disable)
    users.command("erase")(erase)
    keys = typer.Typer(help="Keys by which programs use the service.", no_args_is_help=True)
    keys.command("add")(add_key)
    keys.command("list")(list_keys)
    keys.command("revoke")(revoke_key)
    app.add_typer(users, name="user")
    app.add_typer(keys, name="key")


def add(
    login: Login,
    role: Roles = None,
    authority: Authority = None,
    entity: Entities = None,
    name: Annotated[str, typer.Option(help="The person's name, for colleagues.")] = "",
    password_file: PasswordFile = None,
    no_password: Annotated[bool, typer.Option("--no-password", help="A program: it works by keys alone.")] = False,
    own: Own = False,
    database: DatabaseUrl = None,
) -> None:
    """Add a user.

    Example: `arrisk user add ana --role analyst --authority "credit analyst"`
    """
    with _open(database) as accounts:
        user = User(
            user_id="",
            login=login,
            display_name=name,
            roles=tuple(role or ()),
            authority=authority or "",
            entities=tuple(entity or ()),
        )
        secret = None if no_password else _read_password(password_file)
        use.add_user(accounts, user, password=secret, by=_name_actor(), is_temporary=not own)
    say(f"added {login}")


def list_users(database: DatabaseUrl = None) -> None:
    """List the users.

    Example: `arrisk user list`
    """
    with _open(database) as accounts, accounts.database.read() as connection:
        rows = [_to_row(user) for user in people.list_users(connection)]
    titles = ["login", "name", "roles", "authority", "entities", "state"]
    show_table("Users", titles, rows, left=titles)


def list_roles() -> None:
    """List the roles of the policy, and what each permission means.

    Example: `arrisk user roles`
    """
    policy = load_policy()
    for role in policy.access.roles:
        rows = [[name, PERMISSIONS[name]] for name in role.permissions]
        show_table(role.name, ["permission", "lets"], rows, left=["permission", "lets"])
    amounts = [[role.name, f"{role.up_to:,.0f}"] for role in policy.authority.roles]
    show_table("Authority", ["role", "up to"], amounts, left=["role"])


def change(
    login: Login,
    role: Roles = None,
    authority: Authority = None,
    entity: Entities = None,
    all_entities: Annotated[bool, typer.Option("--all-entities", help="Rows of every selling company.")] = False,
    enable: Annotated[bool, typer.Option("--enable", help="Let a user in again who was shut out.")] = False,
    database: DatabaseUrl = None,
) -> None:
    """Change what a user may do; what is not named stays.

    Example: `arrisk user change ana --role analyst --role collector`
    """
    with _open(database) as accounts:
        found = use.require_user(accounts, login=login)
        wanted = replace(
            found,
            roles=tuple(role) if role else found.roles,
            authority=found.authority if authority is None else authority,
            entities=() if all_entities else tuple(entity) if entity else found.entities,
            is_active=found.is_active or enable,
        )
        use.change_user(accounts, wanted, by=_name_actor())
    say(f"changed {login}")


def password(login: Login, password_file: PasswordFile = None, own: Own = False, database: DatabaseUrl = None) -> None:
    """Set a user's password; sign-ins end, and a locked login is open again.

    Example: `arrisk user password ana`
    """
    with _open(database) as accounts:
        user = use.require_user(accounts, login=login)
        use.set_password(accounts, user, _read_password(password_file), by=_name_actor(), is_temporary=not own)
    say(f"{login} has a new password")


def disable(login: Login, database: DatabaseUrl = None) -> None:
    """Shut a user out at once; `arrisk user change LOGIN --enable` lets him in again.

    Example: `arrisk user disable ana`
    """
    with _open(database) as accounts:
        found = use.require_user(accounts, login=login)
        use.change_user(accounts, replace(found, is_active=False), by=_name_actor())
    say(f"{login} is shut out")


def erase(
    login: Login,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: it cannot be undone.")] = False,
    database: DatabaseUrl = None,
) -> None:
    """Forget a person: name, password, sign-ins, keys. What was done stays on record under the login.

    Example: `arrisk user erase ana`
    """
    with _open(database) as accounts:
        found = use.require_user(accounts, login=login)
        if not yes:
            typer.confirm(f"Forget {login} for good?", abort=True)
        use.erase_user(accounts, found, by=_name_actor())
    say(f"{login} is forgotten")


def add_key(
    login: Login,
    scope: Annotated[list[str], typer.Option("--scope", metavar="PERMISSION", help="What it is for; repeatable.")],
    name: Annotated[str, typer.Option(help="What it is for, in words.")] = "",
    days: Annotated[int | None, typer.Option(help="It ends after so many; default: the policy's.")] = None,
    database: DatabaseUrl = None,
) -> None:
    """Make a key for a program, for which a user answers, and print it: it is not shown again.

    Example: `arrisk key add orders --scope score.stateless --days 90`
    """
    with _open(database) as accounts:
        owner = use.require_user(accounts, login=login)
        key, secret = use.make_key(accounts, owner, name=name, scopes=tuple(scope), days=days, by=_name_actor())
    say(f"{secret}\ngood until {key.expires_at[:10]}; it is not shown again")


def list_keys(database: DatabaseUrl = None) -> None:
    """List the keys.

    Example: `arrisk key list`
    """
    with _open(database) as accounts, accounts.database.read() as connection:
        logins = {user.user_id: user.login for user in people.list_users(connection)}
        keys = sessions.list_keys(connection)
    titles = ["key", "begins", "of", "name", "scopes", "until", "state"]
    rows = [
        [key.key_id, key.prefix, logins.get(key.user_id, ""), key.name, ", ".join(key.scopes), key.expires_at[:10],
         "revoked" if key.revoked_at else ""]
        for key in keys
    ]  # fmt: skip
    show_table("Keys", titles, rows, left=titles)


def revoke_key(
    key: Annotated[str, typer.Argument(metavar="KEY", help="As `arrisk key list` shows it.")],
    database: DatabaseUrl = None,
) -> None:
    """Revoke a key at once.

    Example: `arrisk key revoke 4f0c...`
    """
    with _open(database) as accounts:
        use.revoke_key(accounts, key, by=_name_actor())
    say("revoked")


@contextmanager
def _open(url: str | None) -> Iterator[Accounts]:
    with opened(url) as (settings, database):
        if database.is_sqlite and settings.upgrade == "auto":
            store.upgrade(database)
        store.require_current(database)
        yield Accounts(database, load_policy(settings.policy))


def _read_password(file: Path | None) -> str:
    if file is None:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the password cannot be read", where=str(file)) from error


def _name_actor() -> str:
    """Name who sits at this machine, so that it is no login of the service."""
    return f"{getpass.getuser()} at the command line"


def _to_row(user: User) -> list[str]:
    state = "erased" if user.is_erased else "" if user.is_active else "shut out"
    return [user.login, user.display_name, ", ".join(user.roles), user.authority, ", ".join(user.entities), state]
