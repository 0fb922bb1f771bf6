import pytest

from arrisk.errors import PolicyError
from arrisk.policy import Policy, load_policy


def refuse(text):
    with pytest.raises(PolicyError) as caught:
        Policy.parse(text, where="mine.toml")
    return caught.value


def test_the_shipped_policy_has_the_values_of_its_file():
    policy = load_policy()
    assert policy.book.currency == "USD"
    assert (policy.end.amount, policy.end.share) == (0.01, 0.01)
    assert policy.ageing.past_due_days == (30, 60, 90)
    assert (policy.default.past_due_days, policy.default.open_amount) == (90, 500.0)


def test_what_a_file_leaves_out_is_as_shipped(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text("\ufeff[ageing]\npast_due_days = [15, 45]\n", encoding="utf-8")
    policy = load_policy(path)
    assert policy.ageing.past_due_days == (15, 45)
    assert policy.model_copy(update={"ageing": load_policy().ageing}) == load_policy()


def test_the_hash_depends_on_values_and_not_on_how_they_are_written():
    same = Policy.parse("[end]\nshare = 1e-2\namount = 0.010", where="")
    other = Policy.parse("[end]\nshare = 0.02", where="")
    assert same.hash() == load_policy().hash()
    assert other.hash() != load_policy().hash()


def test_the_hash_of_a_section_depends_on_that_section_alone():
    other = Policy.parse("[end]\nshare = 0.02", where="")
    assert other.hash("late", "ageing") == load_policy().hash("ageing", "late")
    assert other.hash("end") != load_policy().hash("end")


@pytest.mark.parametrize(
    ("section", "value"), [("access", "key_days = 30"), ("retention", "runs = 9"), ("runs", "keep = 9")]
)
def test_who_may_what_and_how_long_things_are_kept_is_no_part_of_the_hash_of_figures(section, value):
    other = Policy.parse(f"[{section}]\n{value}", where="")
    assert other.hash() == load_policy().hash()
    assert other.hash(section) != load_policy().hash(section)


def test_the_hash_of_an_unknown_section_is_refused():
    with pytest.raises(PolicyError, match="did you mean 'ageing'"):
        load_policy().hash("aging")


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("[end]\nshare = 1.5", "mine.toml, line 2", "end.share"),
        ("[end]\nshare = '0.5'", "mine.toml, line 2", "end.share"),
        ("[end]\n\namount = inf", "mine.toml, line 3", "end.amount"),
        ("[end]\namount = nan", "mine.toml, line 2", "end.amount"),
        ("[end]\namount = -0.01", "mine.toml, line 2", "end.amount"),
        ("[default]\nprobation_days = true", "mine.toml, line 2", "default.probation_days"),
        ("[default]\nprobation_days = 1.5", "mine.toml, line 2", "default.probation_days"),
        ("[kpis]\nwindow_days = 0", "mine.toml, line 2", "kpis.window_days"),
        ("[late]\nprior_strength = 0", "mine.toml, line 2", "late.prior_strength"),
        ("[book]\ncurrency = 'usd'", "mine.toml, line 2", "book.currency"),
        ("[ageing] # mine\npast_due_days = [60, 30]", "mine.toml, line 2", "ageing.past_due_days"),
        ("[ageing]\npast_due_days = [0, 30]", "mine.toml, line 2", "ageing.past_due_days"),
        ("[ageing]\npast_due_days = []", "mine.toml, line 2", "ageing.past_due_days"),
        ("ageing = 5", "mine.toml, line 1", "ageing"),
        ("[validation]\nslope_at_least = 1.3", "mine.toml, line 1", "validation"),
        ("[validation]\nbound_confidence = 1.0", "mine.toml, line 2", "validation.bound_confidence"),
    ],
)
def test_a_value_out_of_range_is_named_with_its_line(text, where, said):
    error = refuse(text)
    assert error.where == where
    assert error.what.startswith(said)


@pytest.mark.parametrize(
    ("text", "line", "meant"),
    [
        ("[end]\nshares = 0.01", 2, "share"),
        ("[aging]\npast_due_days = [30]", 1, "ageing"),
        ("\n[ageing.days]\nx = 1", 2, "past_due_days"),
    ],
)
def test_an_unknown_name_gets_its_line_and_the_nearest_one(text, line, meant):
    error = refuse(text)
    assert error.where == f"mine.toml, line {line}"
    assert meant in error.hint


def test_what_is_not_toml_is_said_with_its_place():
    assert "line 2" in str(refuse("[end]\nshare = x"))


def test_a_file_that_cannot_be_read_is_one_error(tmp_path):
    with pytest.raises(PolicyError, match="cannot read the policy"):
        load_policy(tmp_path / "missing.toml")
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"# \xe4\n")
    with pytest.raises(PolicyError, match="cannot read the policy"):
        load_policy(latin)
