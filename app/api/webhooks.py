"""Webhooks: who is told of what, their secrets, the log of what was sent."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from sqlalchemy.orm import Session

from app.api.deps import ServicesDep, SessionDep, may
from app.api.etags import Expected, ExpectedDep
from app.api.pages import PageDep, PageIn, PageOut, shown
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.db.hook_tables import Delivery, Webhook
from app.webhooks import service
from app.webhooks.addresses import LONGEST_URL
from app.webhooks.choices import MOST_CONTESTS
from app.webhooks.delivering import message_id
from app.webhooks.kinds import CODES
from app.webhooks.secrets import old_until

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])
Manager = Annotated[Principal, may("webhook.manage")]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Url = Annotated[str, Field(min_length=1, max_length=LONGEST_URL)]
Events = Annotated[list[str], Field(min_length=1, max_length=len(CODES), description=", ".join(CODES))]
Contests = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=80)]],
    Field(max_length=MOST_CONTESTS, description="ids; told of these only, and of nothing that is about no contest"),
]
EXAMPLE: JsonDict = {
    "name": "Sistem rujukan",
    "url": "https://contoh.id/netra",
    "events": ["flag.raised", "flag.confirmed"],
    "contests": ["muara-embun"],
}


class WebhookIn(BaseModel):
    """A webhook to make: an https address (others only where the deployment allows them), and what it is told; without
    `contests` of all."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})
    name: Name
    url: Url
    events: Events
    contests: Contests = []


class WebhookChange(BaseModel):
    """What changes; what is left out stays. No `contests` in the list: all from now on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"events": ["flag.confirmed"]}]})
    name: Name | None = None
    url: Url | None = None
    events: Events | None = None
    contests: Contests | None = None


class ResumeIn(BaseModel):
    """`skip`: go on with what happens from now on, instead of where it stopped."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"skip": False}]})
    skip: bool = False


class RotateIn(BaseModel):
    """`keep_old`: the secret before signs too for 24 hours; false when it must not be believed any more."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"keep_old": True}]})
    keep_old: bool = True


class WebhookOut(BaseModel):
    """A webhook without its secret. `state`: active, paused or halted (`halted_for`: failures, or gone by status 410);
    `failures` counts tries since the last that succeeded; `old_secret_until` while two secrets sign."""

    id: uuid.UUID
    name: str
    url: str
    events: list[str]
    contests: list[str]
    state: str
    halted_for: str
    failures: int
    delivered_at: datetime | None
    dead: int
    old_secret_until: datetime | None
    made_by: str
    made_at: datetime


class WebhookShown(WebhookOut):
    """A webhook with its secret, this once."""

    secret: str


class DeliveryOut(BaseModel):
    """One message and its last try. `failure`: empty, or address, connection, timeout, tls, redirect, status, secret,
    worker; `answer` is the beginning of what the receiver said."""

    id: uuid.UUID
    message_id: str
    event: str
    number: int | None
    state: str
    tries: int
    made_at: datetime
    tried_at: datetime | None
    next_at: datetime | None
    status: int | None
    failure: str
    milliseconds: int | None
    answer: str


class WebhookPage(PageOut[WebhookOut]):
    """Some webhooks by name; there are at most 50."""


class DeliveryPage(PageOut[DeliveryOut]):
    """Some deliveries, the newest first."""


def facts(session: Session, row: Webhook) -> dict[str, Any]:
    """What may be shown of a webhook at any time."""
    fares = service.health(session, row)
    return {
        "id": row.id, "name": row.name, "url": row.url, "events": row.events, "contests": row.contests,
        "state": row.state, "halted_for": row.halted_for, "failures": row.failures, "delivered_at": fares.delivered_at,
        "dead": fares.dead, "old_secret_until": old_until(row), "made_by": row.made_by, "made_at": row.made_at,
    }  # fmt: skip


def delivery(row: Delivery) -> DeliveryOut:
    """A delivery as the API shows it."""
    return DeliveryOut(
        id=row.id, message_id=message_id(row.id), event=row.kind, number=row.number, state=row.state, tries=row.tries,
        made_at=row.made_at, tried_at=row.tried_at, next_at=row.next_at, status=row.status, failure=row.failure,
        milliseconds=row.milliseconds, answer=row.answer,
    )  # fmt: skip


def shown_now(session: Session, webhook_id: uuid.UUID) -> WebhookOut:
    """A webhook as it stands."""
    return WebhookOut(**facts(session, service.find(session, webhook_id)))


def hold(session: Session, webhook_id: uuid.UUID, expected: Expected) -> None:
    """Where the caller says what they have seen: that it still holds, until they commit."""
    expected.hold(session, lambda: shown_now(session, webhook_id), lambda held: service.lock(held, webhook_id))


@router.get("", operation_id="list_webhooks", responses=problem_responses(422))
def list_webhooks(_principal: Manager, session: SessionDep, page: PageDep) -> WebhookPage:
    """All webhooks by name."""
    found = service.listed(session, page.after, page.limit)
    return WebhookPage(**shown(found, lambda row: facts(session, row)))


@router.post("", status_code=201, operation_id="create_webhook", responses=problem_responses(409))
def create_webhook(
    body: WebhookIn, principal: Manager, session: SessionDep, services: ServicesDep, response: Response
) -> WebhookShown:
    """Make a webhook; keep `secret` now, it is never shown again. It is told what happens from now on."""
    secret, row = service.create(session, services.settings, principal, **body.model_dump())
    session.commit()
    response.headers["Location"] = f"{router.prefix}/{row.id}"
    return WebhookShown(secret=secret, **facts(session, row))


@router.get("/{webhook_id}", operation_id="read_webhook", responses=problem_responses(404))
def read_webhook(webhook_id: uuid.UUID, _principal: Manager, session: SessionDep) -> WebhookOut:
    """One webhook."""
    return shown_now(session, webhook_id)


@router.put("/{webhook_id}", operation_id="change_webhook", responses=problem_responses(404, 412))
def change_webhook(
    webhook_id: uuid.UUID,
    body: WebhookChange,
    principal: Manager,
    session: SessionDep,
    services: ServicesDep,
    expected: ExpectedDep,
) -> WebhookOut:
    """Another name, address or choice of events and contests, from the next try on. A delivery changes the tag too."""
    hold(session, webhook_id, expected)
    row = service.change(session, services.settings, principal, webhook_id, **body.model_dump())
    session.commit()
    return WebhookOut(**facts(session, row))


@router.delete("/{webhook_id}", status_code=204, operation_id="delete_webhook", responses=problem_responses(404, 412))
def delete_webhook(webhook_id: uuid.UUID, principal: Manager, session: SessionDep, expected: ExpectedDep) -> None:
    """Delete a webhook with its log."""
    hold(session, webhook_id, expected)
    service.remove(session, principal, webhook_id)
    session.commit()


@router.post("/{webhook_id}/pause", operation_id="pause_webhook", responses=problem_responses(404, 409))
def pause_webhook(webhook_id: uuid.UUID, principal: Manager, session: SessionDep) -> WebhookOut:
    """Send nothing for a while; nothing is lost by it."""
    row = service.pause(session, principal, webhook_id)
    session.commit()
    return WebhookOut(**facts(session, row))


@router.post("/{webhook_id}/resumption", operation_id="resume_webhook", responses=problem_responses(404, 409))
def resume_webhook(webhook_id: uuid.UUID, body: ResumeIn, principal: Manager, session: SessionDep) -> WebhookOut:
    """Go on after a pause or a halt, in order."""
    row = service.resume(session, principal, webhook_id, skip=body.skip)
    session.commit()
    return WebhookOut(**facts(session, row))


@router.post("/{webhook_id}/rotation", operation_id="rotate_webhook_secret", responses=problem_responses(404))
def rotate_secret(
    webhook_id: uuid.UUID,
    principal: Manager,
    session: SessionDep,
    services: ServicesDep,
    body: RotateIn | None = None,
) -> WebhookShown:
    """Give it a new secret, shown this once; without a body the old one signs too for a day."""
    keep_old = body is None or body.keep_old
    secret, row = service.rotate(session, services.settings, principal, webhook_id, keep_old=keep_old)
    session.commit()
    return WebhookShown(secret=secret, **facts(session, row))


@router.post("/{webhook_id}/ping", status_code=202, operation_id="ping_webhook", responses=problem_responses(404))
def ping_webhook(webhook_id: uuid.UUID, principal: Manager, session: SessionDep, services: ServicesDep) -> DeliveryOut:
    """Send a test message once, also to a webhook that was stopped; the log tells what came of it."""
    row = service.ping(session, services.settings, principal, webhook_id)
    session.commit()
    return delivery(row)


class LogIn(PageIn):
    """Which page of the log, and of which deliveries."""

    state: Literal["", "waiting", "delivered", "dead"] = Field("", description="empty: all")


@router.get("/{webhook_id}/deliveries", operation_id="list_deliveries", responses=problem_responses(404, 422))
def list_deliveries(
    webhook_id: uuid.UUID, _principal: Manager, session: SessionDep, page: Annotated[LogIn, Query()]
) -> DeliveryPage:
    """The log of a webhook, the newest first."""
    hook = service.find(session, webhook_id)
    return DeliveryPage(**shown(service.deliveries(session, hook, page.state, page.after, page.limit), delivery))


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/redelivery",
    status_code=202,
    operation_id="redeliver",
    responses=problem_responses(404, 409),
)
def redeliver(webhook_id: uuid.UUID, delivery_id: uuid.UUID, principal: Manager, session: SessionDep) -> DeliveryOut:
    """Send a message once more, with the same id and body."""
    row = service.redeliver(session, principal, webhook_id, delivery_id)
    session.commit()
    return delivery(row)
