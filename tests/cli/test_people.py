"""The commands that add users and keys, as they are typed."""

from datetime import UTC, datetime

import pytest

from arrisk.store import connect, locate
from arrisk.store.records import TableRecords
from arrisk.uses.accounts import RECORD, Accounts
from arrisk.uses.sign_in import identify, sign_in
from tests.people import WORDS, shipped


@pytest.fixture
def word_file(tmp_path):
    path = tmp_path / "password.txt"
    path.write_text(f"{WORDS}\n")
    return path


@pytest.fixture
def accounts(arrisk_home):
    return Accounts(connect(locate(arrisk_home)), shipped())


@pytest.fixture
def add(arrisk, word_file):
    def run(login="ana", *options):
        ran = arrisk("user", "add", login, "--role", "analyst", "--password-file", word_file, *options)
        assert ran.code == 0, ran.err
        return ran

    return run


def enter(accounts):
    return sign_in(accounts, login="ana", password=WORDS, now=datetime.now(UTC))


def test_the_first_user_is_added_to_an_empty_home_and_signs_in(add, accounts):
    ran = add("ana", "--authority", "credit analyst", "--entity", "north", "--own")
    assert WORDS not in ran.out
    tokens = enter(accounts)
    caller = identify(accounts, tokens.access, now=datetime.now(UTC))
    assert (caller.roles, caller.authority, caller.entities) == (("analyst",), "credit analyst", ("north",))
    (entry,) = TableRecords(accounts.database).read(RECORD)
    assert entry.by.endswith("at the command line")


def test_a_password_that_another_set_is_to_be_changed(add, accounts):
    add()
    assert enter(accounts).must_change_password


def test_a_user_is_changed_shut_out_let_in_and_erased(arrisk, add):
    add()
    assert arrisk("user", "change", "ana", "--role", "collector").code == 0
    assert arrisk("user", "disable", "ana").code == 0
    listed = arrisk("user", "list").out
    assert "collector" in listed
    assert "shut out" in listed
    assert arrisk("user", "change", "ana", "--enable").code == 0
    assert "shut out" not in arrisk("user", "list").out
    assert arrisk("user", "erase", "ana", "--yes").code == 0
    assert "erased" in arrisk("user", "list").out
    assert arrisk("user", "disable", "ana").code == 2


def test_a_forgotten_password_is_set_anew(arrisk, add, accounts, tmp_path):
    add()
    other = tmp_path / "other.txt"
    other.write_text("another four words")
    assert arrisk("user", "password", "ana", "--password-file", other, "--own").code == 0
    now = datetime.now(UTC)
    assert not sign_in(accounts, login="ana", password="another four words", now=now).must_change_password  # noqa: S106


def test_a_program_gets_a_key_that_is_shown_once(arrisk, accounts):
    assert arrisk("user", "add", "orders", "--role", "analyst", "--no-password").code == 0
    ran = arrisk("key", "add", "orders", "--scope", "score.stateless", "--name", "order desk", "--days", "30")
    assert ran.code == 0, ran.err
    secret = ran.out.split()[0]
    assert identify(accounts, secret, now=datetime.now(UTC)).permissions == {"score.stateless"}
    listed = arrisk("key", "list").out
    assert secret not in listed
    with accounts.database.read() as connection:
        key_id = connection.exec_driver_sql("SELECT key_id FROM api_keys").scalar_one()
    assert arrisk("key", "revoke", key_id).code == 0
    assert "revoked" in arrisk("key", "list").out


def test_roles_are_listed_with_what_they_let(arrisk):
    out = arrisk("user", "roles").out
    assert "see one with its invoices" in out
    assert "credit_manager" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("user", "add", "ana", "--role", "analist", "--no-password"), "did you mean 'analyst'"),
        (("user", "add", "ana", "--no-password"), "without roles"),
        (("user", "add", "ana", "--role", "analyst", "--password-file", "nowhere.txt"), "cannot be read"),
        (("user", "disable", "ana"), "no user 'ana'"),
        (("key", "revoke", "x"), "no key 'x'"),
    ],
)
def test_a_mistake_is_said(arrisk, arguments, said):
    ran = arrisk(*arguments)
    assert ran.code == 2
    assert said in ran.err
