"""Who may what in the service: roles and permissions as data, and the policy as one person holds it."""

import pytest

from arrisk.errors import InputError, PolicyError
from arrisk.policy import Policy, load_policy
from arrisk.policy.access import PERMISSIONS

ROLE = '[[access.roles]]\nname = "clerk"\npermissions = ["cases.read", "{}"]\n'


def test_every_permission_is_some_roles_and_the_auditor_changes_nothing():
    roles = {role.name: set(role.permissions) for role in load_policy().access.roles}
    assert set().union(*roles.values()) == set(PERMISSIONS)
    assert set(roles) == {
        "analyst", "credit_manager", "collector", "finance", "validator", "operator", "auditor",
    }  # fmt: skip
    assert all(name.endswith(".read") for name in roles["auditor"])
    business = {"customers.read", "cases.decide", "closes.sign", "models.promote"}
    assert not business & roles["operator"]


def test_roles_of_ones_own_replace_those_shipped():
    access = Policy.parse(ROLE.format("cases.propose"), where="mine.toml").access
    assert access.list_permissions(("clerk", "analyst")) == {"cases.read", "cases.propose"}
    with pytest.raises(InputError, match="no role 'analyst'"):
        access.require_role("analyst")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ROLE.format("cases.raed"), "did you mean 'cases.read'"),
        ('[access]\npeople_only = ["all"]', "no permission"),
        (ROLE.format("cases.propose") * 2, "stands there twice"),
        ("[access]\npassword_length = 4", "password_length"),
    ],
)
def test_a_role_with_a_mistake_is_refused(text, said):
    with pytest.raises(PolicyError, match=said):
        Policy.parse(text, where="mine.toml")


def test_the_policy_of_one_person_knows_nobody_else():
    named = '[allowance]\nsignatories = ["Carl"]\n[[authority.roles]]\nname = "{}"\nup_to = 5.0\npeople = ["ana"]\n'
    policy = Policy.parse(named.format("boss") + "[holds]\nrules = []", where="")
    own = policy.appoint("ben", role="boss", signs=True)
    assert own.authority.find_role("ben").up_to == 5.0
    assert own.authority.find_role("ana") is None
    assert own.allowance.signatories == ("ben",)
    assert own.hash() == policy.hash()
    assert own.appoint("ana").authority.find_role("ana") is None
    assert own.appoint("ana").allowance.signatories == ("-",)
    assert own.appoint("ana").hash() == policy.hash()
    assert policy.authority.find_role("ana").name == "boss"
