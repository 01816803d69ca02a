"""Trials of known cases as the acts and pages of review meet them: who may not be asked, and who is told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.flag_tables import Flag
from app.db.gold_tables import GOLD, GoldTrial
from app.db.people_tables import User

TOLD = frozenset({"coordinator", "auditor"})
"""Roles that see which items are known cases; neither of them is measured."""


def trial_of(session: Session, flag: Flag) -> GoldTrial | None:
    """The trial that this item is; None for every ordinary item."""
    if flag.origin != GOLD:
        return None
    return session.get(GoldTrial, flag.submission_id)


def knows(session: Session, flag: Flag, login: str) -> bool:
    """Whether this person decided on the known case of which the item is a trial."""
    trial = trial_of(session, flag)
    return trial is not None and login in trial.known_to


def not_for(flag: Flag, principal: Principal) -> str | None:
    """Why a trial is nothing for this person: who is told that it is one cannot be measured. None where it is."""
    if flag.origin != GOLD or principal.role not in TOLD:
        return None
    return "Uji kasus acuan: peninjau yang memutus / A trial of a known case: reviewers decide on it"


def kept_from(session: Session, flag: Flag, *, decided: bool) -> set[str]:
    """Whom a trial is not offered to besides those whom no item is: who knows the case; and when somebody has decided
    on it everybody, since one verdict is all that is asked. Nobody for an ordinary item."""
    trial = trial_of(session, flag)
    if trial is None:
        return set()
    everybody = session.scalars(select(User.login).where(User.role == "reviewer")).all() if decided else ()
    return {*trial.known_to, *everybody}


def known_case(session: Session, flag: Flag, viewer: Principal | None) -> dict[str, Any] | None:
    """Case and expected verdict of a trial, for those who are told; None for others as for every ordinary item."""
    if viewer is None or viewer.role not in TOLD:
        return None
    trial = trial_of(session, flag)
    return None if trial is None else {"case": str(trial.case_id), "verdict": trial.verdict}
