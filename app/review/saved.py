"""Filters of the queue that people keep under a name; private until a coordinator shares one with everybody."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.auth.users import one_line
from app.db.list_tables import SavedFilter
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.review.filters import Filters, check
from app.review.queue import SORTS
from app.text.storable import storable

LONGEST_NAME, LONGEST_VALUE, MOST = 60, 140, 20
ORDERS = ("", *(f"{sign}{name}" for name in SORTS for sign in ("", "-")))


def saved_filters(session: Session, principal: Principal) -> Sequence[SavedFilter]:
    """One's own by name, then those that are shared by others."""
    own = SavedFilter.user_id == principal.user_id
    query = select(SavedFilter).where(or_(own, SavedFilter.shared))
    return session.scalars(query.order_by(own.desc(), SavedFilter.name, SavedFilter.id).limit(2 * MOST)).all()


def save(session: Session, principal: Principal, name: str, filters: Filters, sort: str = "") -> SavedFilter:
    """Keep these filters and this order under a name; one's own of the same name is replaced. The caller commits.

    Raises BadInput for filters or an order that do not exist and when there are too many."""
    principal.require("flag.read")
    if principal.user_id is None:
        raise NotAllowed("Hanya orang yang menyimpan saringan / Only people keep filters")
    check(filters)
    if sort not in ORDERS or any(len(value) > LONGEST_VALUE for value in filters.given.values()):
        raise BadInput("Saringan tidak dikenal / Unknown filter", field="name")
    kept = storable(one_line(name, LONGEST_NAME, "name"))
    row = _named(session, principal.user_id, kept)
    if row is None:
        owned = select(func.count()).where(SavedFilter.user_id == principal.user_id)
        if (session.scalar(owned) or 0) >= MOST:
            raise BadInput(f"Paling banyak {MOST} saringan; hapus satu / {MOST} at most: delete one", field="name")
        row = SavedFilter(id=uuid.uuid4(), user_id=principal.user_id, name=kept, parameters={}, shared=False)
        session.add(row)
    row.parameters = filters.given | ({"sort": sort} if sort else {})
    _tell(session, principal, row, "filter.shared" if row.shared else "")
    session.flush()
    return row


def rename(session: Session, principal: Principal, filter_id: uuid.UUID, name: str) -> SavedFilter:
    """Give another name; the caller commits. Raises Conflict where the owner has one of this name."""
    row = _changeable(session, principal, filter_id)
    kept = storable(one_line(name, LONGEST_NAME, "name"))
    other = _named(session, row.user_id, kept)
    if other is not None and other is not row:
        raise Conflict("Nama ini sudah dipakai / This name is taken", field="name")
    row.name = kept
    _tell(session, principal, row, "filter.shared" if row.shared else "")
    return row


def share(session: Session, principal: Principal, filter_id: uuid.UUID, shared: bool) -> SavedFilter:
    """Show a filter to everybody who reads the queue, or no longer: a coordinator's act. The caller commits."""
    principal.require("flag.coordinate")
    row = _changeable(session, principal, filter_id)
    if row.shared != shared:
        row.shared = shared
        _tell(session, principal, row, "filter.shared" if shared else "filter.unshared")
    return row


def delete(session: Session, principal: Principal, filter_id: uuid.UUID) -> None:
    """Keep it no longer; the caller commits."""
    row = _changeable(session, principal, filter_id)
    session.delete(row)
    _tell(session, principal, row, "filter.unshared" if row.shared else "")


def restored(parameters: Mapping[str, object]) -> tuple[Filters, str]:
    """The filters and the order that were kept; what no longer exists is left out."""
    known = {name: str(parameters.get(name, "")) for name in Filters.__slots__}
    return Filters(**known), str(parameters.get("sort", ""))


def _changeable(session: Session, principal: Principal, filter_id: uuid.UUID) -> SavedFilter:
    """One's own, or a shared one for coordinators. Raises NotFound for others', which are nobody else's business."""
    principal.require("flag.read")
    row = session.get(SavedFilter, filter_id)
    is_own = row is not None and row.user_id == principal.user_id
    if row is None or not (is_own or (row.shared and principal.may("flag.coordinate"))):
        raise NotFound("Saringan ini tidak ada / There is no such filter")
    return row


def _named(session: Session, user_id: uuid.UUID, name: str) -> SavedFilter | None:
    return session.scalar(select(SavedFilter).where(SavedFilter.user_id == user_id, SavedFilter.name == name))


def _tell(session: Session, principal: Principal, row: SavedFilter, action: str) -> None:
    """What others see is on record; what one keeps for oneself is not."""
    if action:
        audit.append(session, principal, action, "filter", row.id, {"name": row.name, "filters": row.parameters})
