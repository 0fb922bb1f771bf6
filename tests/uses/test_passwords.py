"""What is held of a password."""

from arrisk.uses.passwords import hash_password, is_password


def test_a_service_hashes_as_owasp_asks_at_least(strong_hasher):
    held = strong_hasher.hash("four words are enough")
    _, kind, version, costs, _, _ = held.split("$")
    memory, passes, _ = (int(cost.partition("=")[2]) for cost in costs.split(","))
    assert (kind, version) == ("argon2id", "v=19")
    assert memory >= 19 * 1024 and passes >= 2  # noqa: PT018 - one rule


def test_a_password_is_known_again_and_no_other_is():
    held = hash_password("four words are enough")
    assert is_password("four words are enough", held)
    assert not is_password("four words are enough ", held)
    assert held != hash_password("four words are enough"), "each with salt of its own"


def test_nobodys_password_and_what_is_no_hash_are_refused():
    assert not is_password("nobody's", None)
    assert not is_password("four words are enough", "four words are enough")
