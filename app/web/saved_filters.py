"""Keeping filters of the queue under a name: save, rename, delete, share."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from app.api.deps import SessionDep, may
from app.auth.principal import Principal
from app.db.list_tables import SavedFilter
from app.review import saved
from app.web.listing import address
from app.web.page import see_other
from app.web.queue_filters import PATH, QueueQuery, order_of, values_of

router = APIRouter(prefix=f"{PATH}/saringan")
Reader = Annotated[Principal, may("flag.read")]
Coordinator = Annotated[Principal, may("flag.coordinate")]
Name = Annotated[str, Form(max_length=200)]


@router.post("")
def keep(session: SessionDep, principal: Reader, asked: Annotated[QueueQuery, Query()], nama: Name) -> Response:
    """Whoever reads the queue: the filters of the address under a name."""
    row = saved.save(session, principal, nama, asked.filters(), order_of(asked.values()))
    session.commit()
    return see_other(_shown(row))


@router.post("/{filter_id}/nama")
def rename(session: SessionDep, principal: Reader, filter_id: UUID, nama: Name) -> Response:
    """Its owner, or a coordinator where it is shared: another name."""
    row = saved.rename(session, principal, filter_id, nama)
    session.commit()
    return see_other(_shown(row))


@router.post("/{filter_id}/hapus")
def delete(session: SessionDep, principal: Reader, filter_id: UUID) -> Response:
    """Its owner, or a coordinator where it is shared: keep it no longer."""
    saved.delete(session, principal, filter_id)
    session.commit()
    return see_other(PATH)


@router.post("/{filter_id}/bagikan")
def share(
    session: SessionDep, principal: Coordinator, filter_id: UUID, semua: Annotated[bool, Form()] = False
) -> Response:
    """Coordinators: show it to everybody who reads the queue, or no longer."""
    row = saved.share(session, principal, filter_id, semua)
    session.commit()
    return see_other(_shown(row))


def _shown(row: SavedFilter) -> str:
    return address(PATH, values_of(*saved.restored(row.parameters)))
