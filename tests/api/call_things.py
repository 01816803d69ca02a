"""What the calls of docs/api-calls.md need besides each other: posts that look so, work that is done in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import select, update

from app.db.base import now
from app.db.contest_tables import ReferencePhoto
from app.db.hook_tables import Webhook
from app.demo.pictures import group_photo
from app.imaging.redact import encode_jpeg
from app.office.retention import retain
from app.webhooks.delivering import deliver, wake
from tests.api.test_national import ELSEWHERE, add_contest
from tests.api.test_other_pack import OLD
from tests.api.test_screenshot_context import screened
from tests.api.test_work import work_now
from tests.api.world import CALL, World


def found_beforehand(world: World) -> dict[str, str]:
    """A flag to work on, a screenshot that was read, and an item with the faces of another contest's candidates."""
    world.flagged("Ayo coblos nomor 1, lanjutkan!")
    add_contest(world, ELSEWHERE, "98.71", "bagus-1")
    faces, _ = world.flagged(CALL, [encode_jpeg(group_photo())])
    return {"SCREENSHOT": screened(world, "Selamat pagi").rsplit("/", 1)[-1], "FACES": faces}


def _another_pack(world: World) -> None:
    with world.services.sessions() as session:
        session.execute(update(ReferencePhoto).values(model=OLD))
        session.commit()


def _retention(world: World) -> None:
    retain(world.services, moment=now() + timedelta(days=31))


def _delivery(world: World) -> None:
    wake(world.services)
    with world.services.sessions() as session:
        waiting = session.execute(select(Webhook.id, Webhook.attempt).where(Webhook.busy)).all()
    for webhook_id, attempt in waiting:
        deliver(world.services, webhook_id, attempt, threading.Event())


Happens = Mapping[str, Callable[[World], object]]
BEFORE: Happens = {
    "start_reembedding": _another_pack,
    "list_destructions": _retention,
}
AFTER: Happens = {
    "create_submission": World.screen_now,
    "create_submissions": World.screen_now,
    "create_tip": World.screen_now,
    "start_rescreen": work_now,
    "ping_webhook": _delivery,
}


def happens(when: Happens, name: str, world: World) -> None:
    """Let happen what belongs to this operation."""
    if name in when:
        when[name](world)
