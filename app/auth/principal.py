"""Who is calling, and what each role and scope may do: the one table of permissions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal

from app.errors import NotAllowed

Role = Literal["monitor", "reviewer", "coordinator", "admin", "auditor", "system", "public"]
Scope = Literal["submit", "read-own", "review", "roster", "admin"]

ROLES: tuple[Role, ...] = ("monitor", "reviewer", "coordinator", "admin", "auditor")
SCOPES: tuple[Scope, ...] = ("submit", "read-own", "review", "roster", "admin")

PERMISSIONS: dict[str, tuple[frozenset[Role], frozenset[Scope]]] = {
    # act: (roles of people, scopes of tokens); a token needs both its scope and its owner's role
    "submission.create": (frozenset({"monitor", "reviewer", "coordinator", "admin"}), frozenset({"submit"})),
    "submission.read-own": (
        frozenset({"monitor", "reviewer", "coordinator", "admin"}),
        frozenset({"read-own", "submit"}),
    ),
    "backlog.read": (frozenset(ROLES), frozenset({"submit", "read-own", "review", "admin"})),
    "submission.read": (frozenset({"reviewer", "coordinator", "admin", "auditor"}), frozenset({"review"})),
    "submission.recheck": (
        frozenset({"monitor", "reviewer", "coordinator", "admin"}),
        frozenset({"submit", "review"}),
    ),
    "flag.read": (frozenset({"reviewer", "coordinator", "admin", "auditor"}), frozenset({"review"})),
    "flag.decide": (frozenset({"reviewer", "coordinator"}), frozenset({"review"})),
    "flag.coordinate": (frozenset({"coordinator"}), frozenset({"review"})),
    "figures.read": (frozenset({"coordinator", "admin", "auditor"}), frozenset({"review", "admin"})),
    "quality.read": (frozenset({"reviewer", "coordinator", "auditor"}), frozenset({"review"})),
    "tip.convert": (frozenset({"reviewer", "coordinator"}), frozenset({"review"})),
    "reporter.read": (frozenset({"coordinator"}), frozenset({"review"})),
    "rules.change": (frozenset({"coordinator"}), frozenset({"review"})),
    "queue.manage": (frozenset({"coordinator", "admin"}), frozenset({"review", "admin"})),
    "roster.read": (frozenset(ROLES), frozenset({"submit", "read-own", "review", "roster"})),
    "roster.write": (frozenset({"coordinator", "admin"}), frozenset({"roster"})),
    "user.manage": (frozenset({"admin"}), frozenset({"admin"})),
    "token.manage": (frozenset({"admin"}), frozenset({"admin"})),
    "token.own": (frozenset(ROLES), frozenset()),  # people for themselves; no token makes tokens
    "settings.read": (frozenset(ROLES), frozenset({"review", "admin"})),
    "settings.write": (frozenset({"coordinator", "admin"}), frozenset({"admin"})),
    "webhook.manage": (frozenset({"coordinator", "admin"}), frozenset({"admin"})),
    "audit.read": (frozenset({"coordinator", "admin", "auditor"}), frozenset({"admin"})),
}

ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    # what a token of such an owner may carry; to coordinators and auditors "admin" opens the audit trail only
    "monitor": frozenset({"submit", "read-own"}),
    "reviewer": frozenset({"submit", "read-own", "review"}),
    "coordinator": frozenset({"submit", "read-own", "review", "roster", "admin"}),
    "admin": frozenset(SCOPES),
    "auditor": frozenset({"review", "admin"}),
    "system": frozenset(),
    "public": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person (`scopes` None) or the owner of a token (`scopes` those of the token, `token_id` its row)."""

    user_id: uuid.UUID | None
    login: str
    name: str
    role: Role
    region_code: str = ""
    scopes: frozenset[Scope] | None = None
    token_id: uuid.UUID | None = None

    def may(self, act: str) -> bool:
        """Whether this caller may do `act` (a key of PERMISSIONS)."""
        roles, scopes = PERMISSIONS[act]
        return self.role == "system" or (self.role in roles and (self.scopes is None or bool(self.scopes & scopes)))

    @property
    def judges(self) -> bool:
        """Whether this person gives verdicts, whatever this token is for: others' stay hidden from them."""
        return self.role in PERMISSIONS["flag.decide"][0]

    def require(self, act: str) -> None:
        """Raise NotAllowed unless the caller may do `act`."""
        if not self.may(act):
            raise NotAllowed(f"Peran atau token ini tidak boleh: {act} / This role or token may not: {act}", act=act)


THE_PUBLIC = Principal(uuid.UUID("5f6e6574-7261-4000-8000-007075626c69"), "(publik)", "Publik", "public")
"""Whoever sends informasi awal: a name for rows and events that nobody can sign in with and that may do nothing."""
SYSTEM = Principal(user_id=None, login="system", name="Netra", role="system")
