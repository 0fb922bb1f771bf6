"""The policy of personal data: what of a customer's attributes names a natural person."""

from arrisk.policy.types import Section


class PrivacyPolicy(Section):
    """``attributes`` are names of free columns, in any case of letters."""

    attributes: tuple[str, ...]
