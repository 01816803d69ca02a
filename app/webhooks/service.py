"""What people do with webhooks: make, change, pause, rotate, test, delete them, and send messages again.

Every act is an event, without secrets; deliveries are none, else they would tell of themselves."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.auth.users import one_line
from app.db.base import now
from app.db.engine import rows_changed
from app.db.event_tables import ChainHead
from app.db.hook_tables import Delivery, Webhook
from app.db.keyset import Page, Sort, paged
from app.errors import Conflict, NotFound
from app.jobs import rounds
from app.settings import Settings
from app.webhooks.choices import checked_address, checked_contests, checked_events
from app.webhooks.kinds import PING, Told
from app.webhooks.secrets import sealed
from app.webhooks.signing import new_secret

MOST = 50
OVERLAP = timedelta(hours=24)
"""How long the secret before still signs, so that receivers can change it without losing a message."""
BY_NAME = Sort(((Webhook.name, False), (Webhook.id, False)))
NEWEST = Sort(((Delivery.made_at, True), (Delivery.id, True)))
DELIVERY_STATES = ("waiting", "delivered", "dead")


@dataclass(frozen=True, slots=True)
class Health:
    """How a webhook fares: its newest delivery, when one was last taken, and how many ended without success."""

    newest: Delivery | None
    delivered_at: datetime | None
    dead: int


def listed(session: Session, after: str = "", limit: int = MOST) -> Page[Webhook]:
    """The webhooks by name; there are at most MOST. Raises BadInput for an unknown cursor."""
    return paged(session, select(Webhook), BY_NAME, after, limit)


def find(session: Session, webhook_id: uuid.UUID) -> Webhook:
    """One webhook. Raises NotFound."""
    row = session.get(Webhook, webhook_id)
    if row is None:
        raise NotFound("Webhook ini tidak ada / There is no such webhook")
    return row


def health(session: Session, hook: Webhook) -> Health:
    """How it fares, as far as its log goes back."""
    own = Delivery.webhook_id == hook.id
    newest = session.scalars(select(Delivery).where(own).order_by(*NEWEST.order()).limit(1)).first()
    last = session.scalar(select(func.max(Delivery.tried_at)).where(own, Delivery.state == "delivered"))
    dead = session.scalar(select(func.count()).select_from(Delivery).where(own, Delivery.state == "dead")) or 0
    return Health(newest, last, dead)


def create(
    session: Session,
    settings: Settings,
    principal: Principal,
    name: str,
    url: str,
    events: Iterable[str],
    contests: Iterable[str] = (),
) -> tuple[str, Webhook]:
    """The secret, to be shown once, and the webhook; it is told what happens from now on. The caller commits.

    Raises BadInput for an address that may not be called, an unknown event or contest, Conflict when there are too
    many."""
    principal.require("webhook.manage")
    codes, checked = checked_events(events), checked_address(settings, url)
    audit.hold(session)
    if (session.scalar(select(func.count()).select_from(Webhook)) or 0) >= MOST:
        raise Conflict(f"Paling banyak {MOST} webhook; hapus yang lama / At most {MOST} webhooks: delete an old one")
    secret = new_secret()
    row = Webhook(
        id=uuid.uuid4(), name=one_line(name, 120, "name"), url=checked, events=codes,
        contests=checked_contests(session, contests, codes, ()), secret=sealed(settings, secret),
        cursor=_head(session), made_by=principal.login,
    )  # fmt: skip
    session.add(row)
    audit.append(session, principal, "webhook.created", "webhook", row.id, _facts(row))
    return secret, row


def change(
    session: Session,
    settings: Settings,
    principal: Principal,
    webhook_id: uuid.UUID,
    name: str | None = None,
    url: str | None = None,
    events: Iterable[str] | None = None,
    contests: Iterable[str] | None = None,
) -> Webhook:
    """Another name, address or choice of events and contests; None leaves it. What is new applies to the next try."""
    row = _locked(session, principal, webhook_id)
    before, address = _facts(row), row.url
    row.name = row.name if name is None else one_line(name, 120, "name")
    row.url = row.url if url is None else checked_address(settings, url)
    row.events = row.events if events is None else checked_events(events)
    row.contests = checked_contests(session, row.contests if contests is None else contests, row.events, row.contests)
    if (_facts(row), row.url) != (before, address):
        facts = {"before": before, "after": _facts(row), "address_changed": row.url != address}
        audit.append(session, principal, "webhook.changed", "webhook", row.id, facts)
    return row


def pause(session: Session, principal: Principal, webhook_id: uuid.UUID) -> Webhook:
    """Send nothing for a while; what happens meanwhile stays in the chain. Raises Conflict unless it is active."""
    row = _locked(session, principal, webhook_id)
    if row.state != "active":
        raise Conflict("Webhook ini sudah berhenti / This webhook has stopped already", state=row.state)
    row.state = "paused"
    audit.append(session, principal, "webhook.paused", "webhook", row.id, {"name": row.name})
    return row


def resume(session: Session, principal: Principal, webhook_id: uuid.UUID, *, skip: bool = False) -> Webhook:
    """Go on where it stopped, beginning with the message that failed; `skip`: with what happens from now on.

    Raises Conflict when it is active already."""
    row = _locked(session, principal, webhook_id)
    if row.state == "active":
        raise Conflict("Webhook ini sudah berjalan / This webhook runs already")
    own = update(Delivery).where(Delivery.webhook_id == row.id)
    if skip:
        row.cursor = _head(session)
        session.execute(own.where(Delivery.state == "waiting", ~Delivery.by_hand).values(state="dead", next_at=None))
    else:
        session.execute(own.where(Delivery.state == "waiting").values(next_at=None))
        _revive(session, row)
    row.state, row.halted_for, row.failures = "active", "", 0
    facts = {"name": row.name, "skip": skip}
    audit.append(session, principal, "webhook.resumed", "webhook", row.id, facts)
    rounds.begin(session, row.id, row.attempt)
    session.refresh(row)
    return row


def _revive(session: Session, row: Webhook) -> None:
    """The message over which the webhook halted is the next one again, so that the order stays."""
    if row.state != "halted":
        return
    dead = select(Delivery).where(
        Delivery.webhook_id == row.id, Delivery.state == "dead", Delivery.number == row.cursor
    )
    last = session.scalars(dead).first()
    if last is not None:
        last.state, last.tries, last.next_at = "waiting", 0, None


def rotate(
    session: Session, settings: Settings, principal: Principal, webhook_id: uuid.UUID, *, keep_old: bool = True
) -> tuple[str, Webhook]:
    """A new secret, to be shown once; the one before signs too for OVERLAP, unless it must not be believed any more."""
    row = _locked(session, principal, webhook_id)
    secret = new_secret()
    row.old_secret, row.old_until = (row.secret, now() + OVERLAP) if keep_old else (None, None)
    row.secret = sealed(settings, secret)
    audit.append(
        session, principal, "webhook.rotated", "webhook", row.id, {"name": row.name, "old_secret_kept": keep_old}
    )
    return secret, row


def remove(session: Session, principal: Principal, webhook_id: uuid.UUID) -> None:
    """Delete a webhook with its log."""
    row = _locked(session, principal, webhook_id)
    audit.append(session, principal, "webhook.deleted", "webhook", row.id, _facts(row))
    session.execute(delete(Webhook).where(Webhook.id == row.id))


def ping(session: Session, settings: Settings, principal: Principal, webhook_id: uuid.UUID) -> Delivery:
    """A test message, sent once, also to a webhook that was stopped."""
    row = _locked(session, principal, webhook_id)
    body = Told(PING, None, now().isoformat(timespec="microseconds")).body(settings.public_url)
    made = Delivery(id=uuid.uuid4(), webhook_id=row.id, kind=PING, body=body, by_hand=True)
    session.add(made)
    audit.append(session, principal, "webhook.tested", "webhook", row.id, {"name": row.name})
    rounds.begin(session, row.id, row.attempt)
    return made


def redeliver(session: Session, principal: Principal, webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> Delivery:
    """Send a message once more, with the same id and body. Raises NotFound, or Conflict while it waits anyway."""
    row = _locked(session, principal, webhook_id)
    again = session.get(Delivery, delivery_id)
    if again is None or again.webhook_id != row.id:
        raise NotFound("Kiriman webhook ini tidak ada / There is no such delivery")
    if again.state == "waiting":
        raise Conflict("Pesan ini masih menunggu gilirannya / This message still waits for its turn")
    again.state, again.by_hand = "waiting", True
    facts = {"name": row.name, "number": again.number, "event": again.kind}
    audit.append(session, principal, "webhook.redelivered", "webhook", row.id, facts)
    rounds.begin(session, row.id, row.attempt)
    return again


def deliveries(session: Session, hook: Webhook, state: str = "", after: str = "", limit: int = 50) -> Page[Delivery]:
    """The log of one webhook, the newest first; `after` is the cursor of the page before. Raises BadInput."""
    own = select(Delivery).where(Delivery.webhook_id == hook.id)
    return paged(session, own.where(Delivery.state == state) if state else own, NEWEST, after, limit, among=own)


def forget(session: Session, before: datetime) -> int:
    """Delete what was made before this moment and does not wait any more; the caller commits."""
    old = delete(Delivery).where(Delivery.made_at < before, Delivery.state != "waiting")
    return rows_changed(session.execute(old))


def lock(session: Session, webhook_id: uuid.UUID) -> None:
    """Nobody else changes this webhook until the caller commits; as in a round, it is taken before the chain."""
    session.execute(update(Webhook).where(Webhook.id == webhook_id).values(name=Webhook.name))
    session.expire_all()


def _locked(session: Session, principal: Principal, webhook_id: uuid.UUID) -> Webhook:
    """The row as it stands, locked."""
    principal.require("webhook.manage")
    lock(session, webhook_id)
    return find(session, webhook_id)


def _facts(row: Webhook) -> dict[str, object]:
    """What the chain keeps of it: of the address only the host, because a path or query may hold a secret."""
    host = urlsplit(row.url).hostname
    return {"name": row.name, "host": host, "events": list(row.events), "contests": list(row.contests)}


def _head(session: Session) -> int:
    return session.scalar(select(ChainHead.event_id)) or 0
