"""The policy of the service: which role may do what, how passwords and sign-ins are held, and what a key never does."""

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from arrisk.errors import InputError, nearest
from arrisk.policy.types import Section

Text = Annotated[str, Field(strict=True, min_length=1)]
Minutes = Annotated[int, Field(strict=True, ge=1, le=525_600)]

PERMISSIONS: Final = {
    "score.stateless": "post rows, and get scores, limits and the allowance of them",
    "customers.read": "search customers, and see one with its invoices",
    "scores.read": "scores with their reasons, stored or asked for",
    "cases.read": "applications and cases",
    "cases.propose": "open a case, and add to it",
    "cases.decide": "approve or decline a case, within the authority's amount",
    "holds.read": "orders that wait",
    "holds.release": "release an order that waits, as far as the authority goes",
    "worklist.read": "whom to contact",
    "worklist.act": "log a contact, a promise, a dispute; snooze",
    "ledger.read": "ageing, key figures, reconciliation, forecast",
    "allowance.read": "the allowance and what stands behind it",
    "closes.read": "closes, journals, the auditor's pack",
    "closes.draft": "draft a close",
    "closes.sign": "review, post and reverse a close",
    "write_offs.read": "what was proposed and decided to be written off",
    "write_offs.propose": "propose to write off",
    "write_offs.decide": "approve or decline a write-off, within the authority's amount",
    "models.read": "models, their cards and how they fare",
    "models.promote": "let a model score, or take it back",
    "uploads.read": "what was uploaded, and what was wrong with it",
    "uploads.write": "upload rows of the ledger",
    "jobs.read": "jobs and how far they are",
    "jobs.write": "start and stop jobs",
    "users.read": "users, their roles and keys",
    "users.write": "add, change and erase users; revoke anybody's key",
    "keys.read": "one's own keys",
    "keys.write": "make and revoke keys for oneself",
    "audit.read": "the records, and whether their chains are sound",
    "metrics.read": "figures on the running service",
}
"""Everything that a caller of the service may be allowed to do, each with its meaning."""


class AccessRole(Section):
    """What the holders of a role may do."""

    name: Annotated[str, Field(strict=True, pattern="^[a-z][a-z_]*$")]
    permissions: tuple[Text, ...]


class AccessPolicy(Section):
    """Who may what in the service."""

    password_length: Annotated[int, Field(strict=True, ge=8, le=200)]
    failures_at_most: Annotated[int, Field(strict=True, ge=1, le=1000)]
    failure_minutes: Minutes
    access_minutes: Minutes
    refresh_minutes: Minutes
    key_days: Annotated[int, Field(strict=True, ge=1, le=3650)]
    people_only: tuple[Text, ...]
    roles: tuple[AccessRole, ...]

    @model_validator(mode="after")
    def _permissions_exist(self) -> Self:
        named = {f"roles.{place}.permissions": role.permissions for place, role in enumerate(self.roles)}
        for where, permissions in {**named, "people_only": self.people_only}.items():
            for name in permissions:
                if name not in PERMISSIONS:
                    raise ValueError(f"{where} names '{name}', no permission: {nearest(name, PERMISSIONS)}")
        return self

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [role.name for role in self.roles]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise ValueError(f"roles.{place}.name '{name}' stands there twice")
        return self

    def list_permissions(self, roles: tuple[str, ...]) -> frozenset[str]:
        """List what the holder of some roles may do; a role that the policy no longer has allows nothing."""
        return frozenset(name for role in self.roles if role.name in roles for name in role.permissions)

    def require_role(self, name: str) -> str:
        """Give a role's name back.

        Raises
        ------
        InputError
            When there is no such role.
        """
        names = [role.name for role in self.roles]
        if name not in names:
            raise InputError(f"there is no role '{name}'", where="roles", hint=nearest(name, names))
        return name
