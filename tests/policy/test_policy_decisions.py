"""The policy of decisions: a rule with a mistake is refused with its line and its reason."""

import pytest

from arrisk.errors import PolicyError
from arrisk.policy import Policy, load_policy

GOOD = "[[holds.rules]]\nname = 'one'\nkind = 'in_default'\nrelease_by = 'credit analyst'\n"


def refuse(text):
    with pytest.raises(PolicyError) as caught:
        Policy.parse(text, where="mine.toml")
    return caught.value


def rule(*lines, by="release_by = 'credit analyst'"):
    return "\n".join([GOOD, "[[holds.rules]] # the second", "name = 'two'", by, *lines])


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (rule("kind = 'days_overdue'"), 6, "days_overdue needs a threshold"),
        (rule("kind = 'in_default'", "threshold = 1.0"), 6, "in_default has no threshold"),
        (rule("kind = 'days_overdue'", "threshold = '30'"), 10, "valid number"),
        (rule("kind = 'days_overdue'", "threshold = -1.0"), 10, "greater than or equal to 0"),
        (rule("kind = 'days_late'"), 9, "'over_limit'"),
        (rule("kind = 'grade'"), 6, "grades"),
        (rule("kind = 'grade'", "grades = ['1', '9']"), 10, "'9', which is no grade"),
        (rule("kind = 'in_default'", by="release_by = 'credit analist'"), 8, "did you mean 'credit analyst'"),
        (rule("kind = 'in_default'", by="scope = 'customer'"), 8, "match pattern"),
        (rule("kind = 'in_default'", by=""), 6, "names in release_by"),
        (rule("kind = 'in_default'", "blocks = false", by="releases = ['grade']"), 6, "cannot release"),
        (rule("kind = 'order_amount'", "threshold = 1.0", "blocks = false"), 6, "names in releases"),
        (rule("kind = 'order_amount'", "threshold = 1.0", "blocks = 1"), 11, "valid boolean"),
        (rule("kind = 'in_default'", "share = 0.5"), 6, "overdue_amount alone"),
        (GOOD + GOOD, 6, "stands there twice"),
        ("[holds]\nwithout_limit = 'pass'", 2, "'hold' or 'recommended'"),
        ("[authority]\nfour_eyes_above = -5.0", 2, "greater than or equal to 0"),
        ("[[authority.overrides]]\ncode = 'x'\ntext = ''", 3, "at least 1 character"),
        ("[letters]\nmost_reasons = 5", 2, "less than or equal to 4"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, line, said):
    error = refuse(text)
    assert error.where == f"mine.toml, line {line}"
    assert said in str(error)


def test_a_misspelt_name_in_a_rule_gets_the_nearest_one():
    error = refuse(rule("kind = 'days_overdue'", "treshold = 30.0"))
    assert (error.where, error.hint) == ("mine.toml, line 10", "did you mean 'threshold'?")


def test_rules_of_ones_own_replace_all_shipped_ones():
    assert [one.name for one in Policy.parse(GOOD, where="").holds.rules] == ["one"]
    assert len(load_policy().holds.rules) > 5


def test_a_person_decides_in_the_role_with_the_highest_amount():
    text = "\n".join(
        f"[[authority.roles]]\nname = '{name}'\nup_to = {up_to}\npeople = ['ana']"
        for name, up_to in (("credit analyst", 1.0), ("finance director", "inf"), ("credit manager", 10.0))
    )
    policy = Policy.parse(text, where="").authority
    role = policy.find_role("ana")
    assert role is not None
    assert role.name == "finance director"
    assert policy.find_role("ben") is None
    assert policy.find_role("Ana ") == role, "as for write-offs and closes, however the name is written"
