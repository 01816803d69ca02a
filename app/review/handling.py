"""Everything people do with an item besides deciding: ask, answer, escalate, hand back, comment, appeal, close."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app import originals
from app.auth.principal import Principal
from app.db.event_tables import Event
from app.errors import BadInput, NotAllowed, NotFound
from app.review.acts import append, check_free, check_may_judge, events_of, note_of, open_item
from app.review.queue import get_flag
from app.storage import Blobs
from app.text.storable import storable

LEAST_NOTE = 20
SIGNS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


@dataclass(frozen=True, slots=True)
class Document:
    """The paper of an objection."""

    name: str
    mime: str
    data: bytes


def comment(session: Session, principal: Principal, flag_id: uuid.UUID, note: str) -> Event:
    """Say something about the item to colleagues; the caller commits. Changes no state."""
    principal.require("flag.decide")
    return append(session, principal, open_item(session, flag_id), "comment", {"note": note_of(note, 1)})


def ask(session: Session, principal: Principal, flag_id: uuid.UUID, note: str, seen: int) -> Event:
    """Put the item aside until what `note` asks for is known. The caller commits. Raises as `decide` does."""
    principal.require("flag.decide")
    item = open_item(session, flag_id, seen)
    check_may_judge(session, principal, item)
    return append(session, principal, item, "ask", {"note": note_of(note, LEAST_NOTE), "seen": seen})


def answer(session: Session, principal: Principal, flag_id: uuid.UUID, note: str, seen: int) -> Event:
    """Give the information that was asked for: the item returns to where it was. The caller commits."""
    principal.require("flag.decide")
    item = open_item(session, flag_id, seen)
    return append(session, principal, item, "answer", {"note": note_of(note, 1), "seen": seen})


def escalate(session: Session, principal: Principal, flag_id: uuid.UUID, note: str, seen: int) -> Event:
    """Pass the item to the coordinator, who decides or hands it back. The caller commits."""
    principal.require("flag.decide")
    item = open_item(session, flag_id, seen)
    check_free(item.case, principal)
    return append(session, principal, item, "escalate", {"note": note_of(note, 1), "seen": seen})


def hand_back(session: Session, principal: Principal, flag_id: uuid.UUID, note: str, seen: int) -> Event:
    """A coordinator returns an escalated item to the desk it came from; an assignee theirs to everybody.

    The caller commits. Raises NotAllowed for others."""
    principal.require("flag.decide")
    item = open_item(session, flag_id, seen)
    facts = {"note": note_of(note), "seen": seen}
    mine = item.case.assigned is not None and item.case.assigned == principal.login
    if item.case.base != "escalated" and (mine or (item.case.assigned and principal.role == "coordinator")):
        return append(session, principal, item, "unassign", facts)
    if principal.role != "coordinator":
        raise NotAllowed("Hanya penerima tugas atau koordinator / Only the assignee, or a coordinator")
    return append(session, principal, item, "hand_back", facts)


def appeal(
    session: Session, blobs: Blobs, principal: Principal, flag_id: uuid.UUID, document: Document, note: str, seen: int
) -> Event:
    """Register an objection (keberatan) with its document: the item returns to the queue in a new round, in which
    nobody may decide who did before. The caller commits. Raises BadInput for what is no PDF, JPEG or PNG."""
    principal.require("flag.decide")
    kept = note_of(note, LEAST_NOTE)
    mime = next((mime for sign, mime in SIGNS.items() if document.data.startswith(sign)), None)
    if mime is None:
        raise BadInput("Dokumen harus PDF, JPEG, atau PNG / The document must be a PDF, JPEG or PNG", field="document")
    digest = blobs.put(document.data)
    item = open_item(session, flag_id, seen)
    facts = {"note": kept, "seen": seen, "document": digest, "mime": mime, "size": len(document.data)}
    event = append(session, principal, item, "appeal", facts | {"name": storable(document.name[:200])})
    originals.keep(session, blobs, {digest: lambda: document.data})
    return event


def appeal_document(session: Session, blobs: Blobs, flag_id: uuid.UUID, event_id: int) -> Document:
    """The document of an objection. Raises NotFound."""
    found = next((event for event in events_of(session, get_flag(session, flag_id)) if event.id == event_id), None)
    if found is None or found.action != "flag.appeal":
        raise NotFound("Keberatan ini tidak ada / There is no such objection")
    return Document(found.data["name"], found.data["mime"], blobs.get(found.data["document"]))


def close(session: Session, principal: Principal, flag_id: uuid.UUID, note: str, seen: int) -> Event:
    """End the work on a decided item: after it only an objection or a reopening is possible. The caller commits."""
    principal.require("flag.coordinate")
    item = open_item(session, flag_id, seen)
    return append(session, principal, item, "close", {"note": note_of(note), "seen": seen})


def reopen(session: Session, principal: Principal, flag_id: uuid.UUID, note: str, seen: int) -> Event:
    """Begin a new round with new people, for a reason. The caller commits."""
    principal.require("flag.coordinate")
    item = open_item(session, flag_id, seen)
    return append(session, principal, item, "reopen", {"note": note_of(note, LEAST_NOTE), "seen": seen})
