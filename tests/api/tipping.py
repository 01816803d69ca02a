"""Sending tips as a program would: a challenge, its work, a form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import httpx
from sqlalchemy import select

from app.auth import limits
from app.db.base import now
from app.db.flag_tables import Flag
from app.db.office_tables import Setting
from app.db.tip_tables import Tip
from app.sealing import signing_key
from app.tips import proof
from tests.api.world import CALL, CONTEST, FORM, World, form

SEEN = "Saya melihat unggahan ini di grup warga pagi tadi."
NOTE = "Ajakan memilih di grup terbuka, terlihat oleh banyak warga."
REPORTER = {
    "name": "Nama Rahasia Pelapor", "address": "Jalan Tersembunyi 17", "contact": "0800-555-111",
    "id_number": "9901010101010001", "standing": "voter", "relation": "tetangga", "witnesses": "Saksi Tersamar",
    "signed": True,
}  # fmt: skip


def let_tips_in(world: World, **values: object) -> None:
    """Open the door, with little work, for one test."""
    limits.limiter().storage.reset()
    with world.services.sessions() as session:
        for name, value in ({"tips_open": True, "tip_bits": 4} | values).items():
            session.merge(Setting(name=name, value=value, reason="uji coba", changed_by="uji", changed_at=now()))
        session.commit()
    world.services.operating.forget()


def challenge(world: World) -> dict[str, str]:
    """The headers of one proven challenge."""
    got = world.nobody().get("/api/v1/tips/challenge").json()
    read = proof.read(signing_key(world.settings, "tip challenge"), got["challenge"], now())
    return {"Netra-Challenge": read.text, "Netra-Proof": proof.work(read)}


def tip(
    world: World, images: Sequence[bytes] = (), headers: dict[str, str] | None = None, **fields: str
) -> httpx.Response:
    """Send one tip."""
    given = {"contest": CONTEST, "seen": SEEN} | fields
    sent = {"Content-Type": FORM} | (headers or challenge(world))
    return world.nobody().post("/api/v1/tips", content=form(given, images), headers=sent)


def tipped(world: World, text: str = CALL, **fields: str) -> tuple[str, dict[str, Any]]:
    """A screened tip: its receipt code, and the newest row of the list."""
    answer = tip(world, text=text, **fields)
    assert answer.status_code == 201, answer.text
    world.screen_now()
    return answer.json()["code"], newest(world)


def newest(world: World, login: str = "reviewer") -> dict[str, Any]:
    """The newest row of the list of tips."""
    found: dict[str, Any] = world.browser(login).get("/api/v1/tips").json()["items"][0]
    return found


def conversion(row: dict[str, Any], kind: str = "laporan", **changed: object) -> dict[str, Any]:
    """The body of a conversion that meets every condition."""
    body = {"kind": kind, "known_date": date.today().isoformat(), "place": "Balai warga", "note": NOTE}
    body |= {"seen": row["last_event"]} | ({"reporter": REPORTER} if kind == "laporan" else {})
    return body | changed


def rows(world: World) -> tuple[Tip, Flag]:
    """The only tip, and its item, as they are stored."""
    with world.services.sessions() as session:
        return session.scalars(select(Tip)).one(), session.scalars(select(Flag)).one()
