"""Signing in: locks, tokens that rotate and expire, and keys; with a clock of the test's own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from arrisk.errors import AccessError, InputError, SignInError, TooOftenError
from arrisk.records import Entry
from arrisk.store import Database
from arrisk.store.records import TableRecords
from arrisk.store.tables import METADATA
from arrisk.uses import accounts as use
from arrisk.uses.accounts import RECORD, Accounts
from arrisk.uses.sign_in import change_password, identify, refresh, sign_in, sign_out
from tests.people import WORDS, make_user, shipped
from tests.store.conftest import database

__all__ = ["database"]

GIVEN, CHOSEN = "set by the operator", "one of my own choice"
NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
ACCESS = shipped().access
MINUTE = timedelta(minutes=1)
LOCKED = timedelta(minutes=ACCESS.failure_minutes)


@pytest.fixture
def accounts(database: Database) -> Accounts:
    found = Accounts(database, shipped())
    make_user(database, "ana", "analyst", authority="credit analyst")
    return found


def enter(accounts, login="ana", password=WORDS, now=NOW):
    return sign_in(accounts, login=login, password=password, now=now)


def fail(accounts, times, login="ana", now=NOW):
    for _ in range(times):
        with pytest.raises(SignInError):
            enter(accounts, login, "wrong", now)


def read_trail(accounts) -> list[Entry]:
    return TableRecords(accounts.database).read(RECORD)


def test_a_token_says_who_calls_until_it_expires(accounts):
    tokens = enter(accounts)
    caller = identify(accounts, tokens.access, now=NOW)
    assert (caller.login, caller.authority, caller.roles) == ("ana", "credit analyst", ("analyst",))
    assert caller.permissions == ACCESS.list_permissions(("analyst",))
    last = NOW + timedelta(minutes=ACCESS.access_minutes)
    identify(accounts, tokens.access, now=last - timedelta(seconds=1))
    with pytest.raises(SignInError):
        identify(accounts, tokens.access, now=last)


def test_what_a_token_is_not_for_it_does_not_do(accounts):
    tokens = enter(accounts)
    with pytest.raises(SignInError):
        identify(accounts, tokens.refresh, now=NOW)
    with pytest.raises(SignInError):
        refresh(accounts, tokens.access, now=NOW)


@pytest.mark.parametrize("secret", ["", "x", "arrisk_x", "' OR 1=1 --", "ä" * 100])
def test_what_is_no_token_opens_nothing(accounts, secret):
    with pytest.raises(SignInError):
        identify(accounts, secret, now=NOW)


def test_neither_tokens_nor_keys_nor_passwords_stand_in_the_database(accounts):
    tokens = enter(accounts)
    owner = use.require_user(accounts, login="ana")
    _, key = use.make_key(accounts, owner, name="k", scopes=("cases.read",), days=None, by="ana")
    with accounts.database.read() as connection:
        tables = [connection.execute(table.select()).all() for table in METADATA.sorted_tables]
    found = str(tables)
    assert "ana" in found
    assert [secret for secret in (tokens.access, tokens.refresh, key, WORDS) if secret in found] == []


def test_each_refresh_token_is_good_once(accounts):
    first = enter(accounts)
    second = refresh(accounts, first.refresh, now=NOW + MINUTE)
    assert identify(accounts, second.access, now=NOW + MINUTE).login == "ana"
    assert second.refresh_expires_at == first.refresh_expires_at


def test_a_refresh_token_used_twice_ends_the_sign_in_for_both_who_have_it(accounts):
    first = enter(accounts)
    other = enter(accounts)
    second = refresh(accounts, first.refresh, now=NOW)
    with pytest.raises(SignInError):
        refresh(accounts, first.refresh, now=NOW)
    for token in (first.access, second.access):
        with pytest.raises(SignInError):
            identify(accounts, token, now=NOW)
    with pytest.raises(SignInError):
        refresh(accounts, second.refresh, now=NOW)
    assert identify(accounts, other.access, now=NOW).login == "ana"
    assert [one.action for one in read_trail(accounts)][-1] == "refresh_reused"


def test_nothing_of_a_sign_in_is_good_after_its_end(accounts):
    tokens = enter(accounts)
    end = NOW + timedelta(minutes=ACCESS.refresh_minutes)
    late = refresh(accounts, tokens.refresh, now=end - MINUTE)
    assert late.access_expires_at == end
    with pytest.raises(SignInError):
        refresh(accounts, late.refresh, now=end)


def test_signing_out_ends_the_tokens(accounts):
    tokens = enter(accounts)
    sign_out(accounts, identify(accounts, tokens.access, now=NOW), now=NOW)
    with pytest.raises(SignInError):
        identify(accounts, tokens.access, now=NOW)
    with pytest.raises(SignInError):
        refresh(accounts, tokens.refresh, now=NOW)


def test_too_many_failures_lock_the_login_and_time_opens_it(accounts):
    fail(accounts, ACCESS.failures_at_most)
    with pytest.raises(TooOftenError) as caught:
        enter(accounts, now=NOW + MINUTE)
    assert caught.value.wait_seconds == 60 * (ACCESS.failure_minutes - 1)
    assert [one.action for one in read_trail(accounts)] == ["add_user", "lock_out"]
    assert enter(accounts, now=NOW + LOCKED + MINUTE)


def test_a_login_that_nobody_has_is_locked_as_well(accounts):
    fail(accounts, ACCESS.failures_at_most, login="nobody")
    with pytest.raises(TooOftenError):
        enter(accounts, "nobody")
    assert enter(accounts)


def test_a_success_forgets_the_failures_before_it(accounts):
    for _ in range(2):
        fail(accounts, ACCESS.failures_at_most - 1)
        enter(accounts)


def test_unknown_wrong_and_shut_out_look_alike(accounts):
    make_user(accounts.database, "ben", "analyst")
    ben = use.require_user(accounts, login="ben")
    use.change_user(accounts, replace(ben, is_active=False), by="tests")
    said = set()
    for login, password in (("ana", "wrong"), ("nobody", WORDS), ("ben", WORDS)):
        with pytest.raises(SignInError) as caught:
            enter(accounts, login, password)
        said.add(str(caught.value))
    assert len(said) == 1


def test_who_is_shut_out_is_so_at_once(accounts):
    tokens = enter(accounts)
    owner = use.require_user(accounts, login="ana")
    _, key = use.make_key(accounts, owner, name="k", scopes=("cases.read",), days=None, by="ana")
    use.change_user(accounts, replace(owner, is_active=False), by="tests")
    for secret in (tokens.access, key):
        with pytest.raises(SignInError):
            identify(accounts, secret, now=NOW)
    with pytest.raises(SignInError):
        refresh(accounts, tokens.refresh, now=NOW)


def test_a_role_taken_away_is_gone_at_once(accounts):
    token = enter(accounts).access
    ana = use.require_user(accounts, login="ana")
    use.change_user(accounts, replace(ana, roles=("collector",)), by="tests")
    assert identify(accounts, token, now=NOW).permissions == ACCESS.list_permissions(("collector",))


def test_a_password_set_by_somebody_else_opens_nothing_but_its_change(accounts):
    ana = use.require_user(accounts, login="ana")
    use.set_password(accounts, ana, GIVEN, by="otto", is_temporary=True)
    tokens = enter(accounts, password=GIVEN)
    assert tokens.must_change_password
    caller = identify(accounts, tokens.access, now=NOW)
    assert caller.permissions == frozenset()
    with pytest.raises(AccessError, match="must be changed first"):
        caller.require("cases.read")
    change_password(accounts, caller, old=GIVEN, new=CHOSEN, now=NOW)
    assert identify(accounts, tokens.access, now=NOW).permissions


def test_changing_the_password_ends_the_other_sign_ins(accounts):
    mine, other = enter(accounts), enter(accounts)
    caller = identify(accounts, mine.access, now=NOW)
    with pytest.raises(SignInError):
        change_password(accounts, caller, old="wrong", new=CHOSEN, now=NOW)
    change_password(accounts, caller, old=WORDS, new=CHOSEN, now=NOW)
    identify(accounts, mine.access, now=NOW)
    with pytest.raises(SignInError):
        identify(accounts, other.access, now=NOW)
    with pytest.raises(SignInError):
        enter(accounts)
    enter(accounts, password=CHOSEN)


@pytest.mark.parametrize(
    ("password", "said"),
    [("short", "5 characters"), ("x" * 201, "201"), ("a long one of ana", "guessed"), ("abababababab", "guessed")],
)
def test_a_password_that_will_not_do_is_refused(accounts, password, said):
    with pytest.raises(InputError, match=said):
        use.set_password(accounts, use.require_user(accounts, login="ana"), password, by="x", is_temporary=False)


def test_a_key_does_what_its_scopes_and_its_owner_may(accounts):
    owner = use.require_user(accounts, login="ana")
    key, secret = use.make_key(accounts, owner, name="desk", scopes=("cases.read", "score.stateless"), days=7, by="ana")
    assert secret.startswith(key.prefix)
    now = datetime.now(UTC)
    caller = identify(accounts, secret, now=now)
    assert (caller.login, caller.key_id) == ("ana", key.key_id)
    assert caller.permissions == {"cases.read", "score.stateless"}
    use.change_user(accounts, replace(owner, roles=("finance",)), by="tests")
    assert identify(accounts, secret, now=now).permissions == {"score.stateless"}
    with pytest.raises(SignInError):
        identify(accounts, secret, now=now + timedelta(days=7))


def test_a_key_that_was_revoked_opens_nothing(accounts):
    owner = use.require_user(accounts, login="ana")
    key, secret = use.make_key(accounts, owner, name="desk", scopes=("cases.read",), days=7, by="ana")
    use.revoke_key(accounts, key.key_id, by="ana")
    use.revoke_key(accounts, key.key_id, by="ana")
    with pytest.raises(SignInError):
        identify(accounts, secret, now=datetime.now(UTC))
    assert [one.action for one in read_trail(accounts)].count("revoke_key") == 1


@pytest.mark.parametrize(
    ("scopes", "said"),
    [
        (("cases.raed",), "did you mean 'cases.read'"),
        (("cases.decide",), "for people"),
        (("closes.draft",), "to hand on"),
        ((), "opens nothing"),
    ],
)
def test_a_key_gets_no_scope_that_it_must_not_have(accounts, scopes, said):
    owner = use.require_user(accounts, login="ana")
    with pytest.raises(InputError, match=said) as caught:
        use.make_key(accounts, owner, name="desk", scopes=scopes, days=None, by="ana")
    assert caught.value.where == "scopes"


def test_what_the_policy_keeps_for_people_no_key_may_even_if_it_was_made_for_it(accounts):
    owner = use.require_user(accounts, login="ana")
    _, secret = use.make_key(accounts, owner, name="desk", scopes=("cases.read",), days=None, by="ana")
    stricter = ACCESS.model_copy(update={"people_only": (*ACCESS.people_only, "cases.read")})
    after = Accounts(accounts.database, shipped().model_copy(update={"access": stricter}))
    assert identify(after, secret, now=datetime.now(UTC)).permissions == frozenset()
