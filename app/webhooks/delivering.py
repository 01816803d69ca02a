"""Rounds of delivery: event by event in the order of the chain, one at a time for each webhook, at least once.

A message is written down in the transaction that moves the webhook's place in the chain, so that none is lost and none
made twice. A try is counted before it is made: whatever kills a worker over and over ends like other failures do."""

from __future__ import annotations

import random
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import audit, telemetry
from app.auth.principal import SYSTEM
from app.db.base import now
from app.db.event_tables import ChainHead, Event
from app.db.hook_tables import Delivery, Webhook
from app.errors import NotReady
from app.jobs import rounds
from app.screening.service import Services
from app.settings import Settings
from app.webhooks.addresses import allowed_by
from app.webhooks.choices import is_for
from app.webhooks.kinds import actions_of, told_of
from app.webhooks.secrets import valid
from app.webhooks.sending import GONE, Answer, post
from app.webhooks.signing import headers

WAITS = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800)
"""Seconds after each try that failed; about a day in all, then the webhook is halted."""
JITTER = 0.2
EARLY = timedelta(seconds=0.5)
"""By how much the clocks of the engine and of this process may differ."""
MOST_MESSAGES, ROUND_SECONDS = 200, 20.0
"""After so much a round makes room for others."""
SCAN = 200
LAG = 1000
"""How far a webhook's place may lie behind while there is nothing for it."""
AGENT = "Netra-Webhook/1"
dice = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way: what is needed without the database."""

    id: uuid.UUID
    url: str
    body: bytes
    moment: datetime
    secrets: tuple[str, ...]

    @property
    def message_id(self) -> str:
        """What receivers know it by; the same at every try."""
        return message_id(self.id)


def message_id(delivery_id: uuid.UUID) -> str:
    """What receivers know a delivery by."""
    return f"msg_{delivery_id.hex}"


def wake(services: Services) -> None:
    """Begin a round for every webhook for which something has happened; called every few seconds by every worker."""
    with services.sessions() as session:
        head = session.scalar(select(ChainHead.event_id)) or 0
        idle = select(Webhook).where(Webhook.state == "active", ~Webhook.busy, Webhook.cursor < head)
        for hook in session.scalars(idle).all():
            news = select(func.min(Event.id)).where(Event.id > hook.cursor, Event.action.in_(actions_of(hook.events)))
            if session.scalar(news) is not None:
                rounds.begin(session, hook.id, hook.attempt)
            elif head - hook.cursor >= LAG:
                still = update(Webhook).where(Webhook.id == hook.id, ~Webhook.busy, Webhook.cursor == hook.cursor)
                session.execute(still.values(cursor=head).execution_options(synchronize_session=False))
            session.commit()


def deliver(services: Services, webhook_id: uuid.UUID, attempt: int, stopping: threading.Event) -> None:
    """One round: until nothing is left, a try fails, or it is time to make room."""
    until = time.monotonic() + ROUND_SECONDS
    for _ in range(MOST_MESSAGES):
        letter = _taken(services, webhook_id, attempt)
        if letter is None or not _told(services, webhook_id, attempt, letter):
            return
        if stopping.is_set() or time.monotonic() > until:
            break
    with services.sessions() as session:
        rounds.begin(session, webhook_id, attempt)
        session.commit()


def _taken(services: Services, webhook_id: uuid.UUID, attempt: int) -> Letter | None:
    """The next message, its try counted; None where there is nothing to send now, or this round is void."""
    with services.sessions() as session:
        if not rounds.fence(session, webhook_id, attempt):
            return None
        hook = session.get_one(Webhook, webhook_id)
        head = session.scalar(select(ChainHead.event_id)) or 0
        row = _next(session, hook, head, services.settings)
        if row is not None and row.tries > len(WAITS) and not row.by_hand:  # workers died over it
            row.state, row.failure = "dead", "worker"
            _halt(session, hook, row, "failures")
            row = None
        if row is None and hook.state == "active" and hook.cursor < head:
            rounds.begin(session, webhook_id, attempt)  # looked at SCAN events in vain: others may write in between
        elif row is None:
            rounds.fence(session, webhook_id, attempt, busy=False)
        elif row.next_at is not None and row.next_at - EARLY > now():
            rounds.begin(session, webhook_id, attempt, (row.next_at - now()).total_seconds())
            row = None
        else:
            row.tries += 1
            row.tried_at, row.next_at = _moment_after(row.tried_at), None
        session.commit()
        return None if row is None else _letter(services.settings, hook, row)


def _moment_after(before: datetime | None) -> datetime:
    """Now, at least a second after the try before: with the same second the receiver would take it for a replay."""
    return now() if before is None else max(now(), before + timedelta(seconds=1))


def _letter(settings: Settings, hook: Webhook, row: Delivery) -> Letter:
    """The message with its secrets; none where the deployment's key no longer opens them."""
    try:
        secrets = tuple(valid(settings, hook))
    except NotReady:
        secrets = ()
    return Letter(row.id, hook.url, row.body.encode(), row.tried_at or now(), secrets)


def _next(session: Session, hook: Webhook, head: int, settings: Settings) -> Delivery | None:
    """What a person asked for, then what was begun, then the next event up to `head` that concerns this webhook."""
    waiting = select(Delivery).where(Delivery.webhook_id == hook.id, Delivery.state == "waiting")
    if hook.state != "active":
        waiting = waiting.where(Delivery.by_hand)
    row = session.scalars(waiting.order_by(Delivery.by_hand.desc(), Delivery.made_at).limit(1)).first()
    if row is not None or hook.state != "active":
        return row
    concerns = Event.action.in_(actions_of(hook.events))
    news = select(Event).where(Event.id > hook.cursor, Event.id <= head, concerns).order_by(Event.id).limit(SCAN)
    found = session.scalars(news).all()
    for event in found:
        hook.cursor = event.id
        told = told_of(session, event)
        if told is not None and is_for(hook, told):
            body = told.body(settings.public_url)
            row = Delivery(webhook_id=hook.id, number=event.id, kind=told.kind, body=body, tries=0)
            session.add(row)
            session.flush()
            return row
    if len(found) < SCAN:
        hook.cursor = head
    return None


def _told(services: Services, webhook_id: uuid.UUID, attempt: int, letter: Letter) -> bool:
    """Send it and record what came of it; whether the round goes on."""
    if letter.secrets:
        signed = headers(letter.secrets, letter.message_id, int(letter.moment.timestamp()), letter.body)
        more = {"Content-Type": "application/json", "User-Agent": AGENT, "Connection": "close"}
        answer = post(letter.url, letter.body, signed | more, allowed_by(services.settings.webhook_allow))
    else:
        answer = Answer("secret")
    telemetry.WEBHOOK_TRIES.labels(answer.failure or "delivered").inc()
    with services.sessions() as session:
        if not rounds.fence(session, webhook_id, attempt):
            return False
        goes_on = _recorded(session, webhook_id, attempt, letter.id, answer)
        session.commit()
        return goes_on


def _recorded(session: Session, webhook_id: uuid.UUID, attempt: int, delivery_id: uuid.UUID, answer: Answer) -> bool:
    hook, row = session.get_one(Webhook, webhook_id), session.get(Delivery, delivery_id)
    if row is None:
        return True  # forgotten meanwhile
    by_hand, row.by_hand = row.by_hand, False
    row.status, row.failure = answer.status, answer.failure
    row.milliseconds, row.answer = answer.milliseconds, answer.text
    if not answer.failure:
        row.state, hook.failures = "delivered", 0
        return True
    if by_hand:
        row.state = "dead"
        return True
    hook.failures += 1
    if answer.status == GONE or row.tries > len(WAITS):
        row.state = "dead"
        _halt(session, hook, row, "gone" if answer.status == GONE else "failures")
        return True
    wait = WAITS[row.tries - 1] * dice.uniform(1 - JITTER, 1 + JITTER)
    row.next_at = now() + timedelta(seconds=wait)
    rounds.begin(session, webhook_id, attempt, wait)
    return False


def _halt(session: Session, hook: Webhook, row: Delivery, reason: str) -> None:
    """Stop by itself, visibly: a person decides how it goes on. What happens meanwhile stays in the chain."""
    hook.state, hook.halted_for = "halted", reason
    facts = {"name": hook.name, "reason": reason, "number": row.number, "tries": row.tries}
    audit.append(session, SYSTEM, "webhook.halted", "webhook", hook.id, facts)


def courier(services: Services) -> rounds.Courier:
    """How a worker of this process delivers."""

    def one(webhook_id: uuid.UUID, attempt: int, stopping: threading.Event) -> None:
        deliver(services, webhook_id, attempt, stopping)

    return rounds.Courier(lambda: wake(services), one)
