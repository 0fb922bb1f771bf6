"""Users: added, changed by one at a time, erased; and each of it on record."""

from dataclasses import replace

import pytest

from arrisk.errors import AccessError, ChangedError, InputError, MissingError
from arrisk.store import Database, people
from arrisk.store.people import User
from arrisk.store.records import TableRecords
from arrisk.uses import accounts as use
from arrisk.uses.accounts import RECORD, Accounts
from tests.people import make_user, shipped
from tests.store.conftest import database

__all__ = ["database"]


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database, shipped())


def read_trail(accounts):
    return [(one.action, one.by, one.content) for one in TableRecords(accounts.database).read(RECORD)]


def test_a_user_is_found_as_he_was_added(accounts):
    added = make_user(accounts.database, "ana", "analyst", "finance", authority="credit analyst", entities=("b", "a"))
    assert use.require_user(accounts, login="ana") == added
    assert (added.version, added.roles, added.entities, added.is_active) == (
        1,
        ("analyst", "finance"),
        ("a", "b"),
        True,
    )


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        ({"login": "Ana"}, "login", "cannot be a login"),
        ({"login": "ana@example.com"}, "login", "cannot be a login"),
        ({"login": "../ana"}, "login", "cannot be a login"),
        ({"login": "-"}, "login", "cannot be a login"),
        ({"roles": ()}, "roles", "without roles"),
        ({"roles": ("analist",)}, "roles", "no role 'analist'"),
        ({"authority": "credit manger"}, "authority", "no authority"),
    ],
)
def test_a_user_that_cannot_be_is_refused(accounts, changes, where, said):
    user = replace(User(user_id="", login="ana", roles=("analyst",)), **changes)
    with pytest.raises(InputError, match=said) as caught:
        use.add_user(accounts, user, password=None, by="tests")
    assert caught.value.where == where
    assert read_trail(accounts) == []


def test_a_login_is_given_once_even_after_its_user_is_gone(accounts):
    ana = make_user(accounts.database, "ana", "analyst")
    with pytest.raises(InputError, match="taken"):
        make_user(accounts.database, "ana", "finance")
    use.erase_user(accounts, ana, by="otto")
    with pytest.raises(InputError, match="taken"):
        make_user(accounts.database, "ana", "analyst")


def test_a_change_is_another_version_and_an_older_one_cannot_be_changed(accounts):
    ana = make_user(accounts.database, "ana", "analyst")
    changed = use.change_user(accounts, replace(ana, roles=("finance",)), by="otto")
    assert (changed.version, use.require_user(accounts, login="ana").roles) == (2, ("finance",))
    with pytest.raises(ChangedError):
        use.change_user(accounts, replace(ana, roles=("auditor",)), by="otto")
    assert use.require_user(accounts, login="ana").roles == ("finance",)


def test_nobody_changes_or_erases_himself(accounts):
    otto = make_user(accounts.database, "otto", "operator")
    with pytest.raises(AccessError):
        use.change_user(accounts, replace(otto, roles=("operator", "finance")), by="otto", by_id=otto.user_id)
    with pytest.raises(AccessError):
        use.erase_user(accounts, otto, by="otto", by_id=otto.user_id)


def test_an_erased_person_is_gone_and_what_he_did_stays(accounts):
    ana = make_user(accounts.database, "ana", "analyst", authority="credit analyst")
    use.change_user(accounts, replace(ana, display_name="Ana Alder"), by="otto")
    use.erase_user(accounts, use.require_user(accounts, login="ana"), by="otto")
    with pytest.raises(MissingError):
        use.require_user(accounts, login="ana")
    with accounts.database.read() as connection:
        versions = connection.execute(people.USERS.select()).mappings().all()
        assert people.find_password(connection, ana.user_id) is None
    assert [row["display_name"] for row in versions] == ["", "", ""]
    assert [action for action, _, _ in read_trail(accounts)] == ["add_user", "change_user", "erase_user"]
    assert TableRecords(accounts.database).check(RECORD).fault == ""


def test_the_record_says_what_was_given_and_no_name(accounts):
    make_user(accounts.database, "ana", "analyst", authority="credit analyst", entities=("north",))
    (action, by, content), *_ = read_trail(accounts)
    assert (action, by) == ("add_user", "tests")
    assert content["roles"] == ["analyst"]
    assert (content["login"], content["authority"], content["entities"]) == ("ana", "credit analyst", ["north"])
    assert "Ana" not in str(content)


def test_what_cannot_be_recorded_does_not_happen(accounts, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(TableRecords, "append_drafted", refuse)
    with pytest.raises(RuntimeError):
        make_user(accounts.database, "ana", "analyst")
    monkeypatch.undo()
    make_user(accounts.database, "ana", "analyst")
