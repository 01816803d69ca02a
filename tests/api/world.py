"""The whole application on a fresh database, with people of every role, a contest, and callers of every kind."""

from __future__ import annotations

import copy
import io
import json
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.api.deps import COOKIE
from app.auth.principal import SYSTEM
from app.auth.sessions import fingerprint
from app.db.base import now
from app.db.contest_tables import Election
from app.db.people_tables import ApiToken, User, UserSession
from app.db.submission_tables import Submission
from app.demo.pictures import reference_photos
from app.roster.enrol import enrol
from app.roster.file import ContestFile, ElectionFile, RegionFile, RosterFile, parse_roster
from app.roster.service import import_roster, save_contest, save_election
from app.screening.models import Models
from app.screening.service import Services, screen_submission
from app.settings import Settings
from tests.api.edge import SAME_ORIGIN

CONTEST, REGION = "muara-embun", "99.01"
CALL = "Ayo coblos nomor 3, lanjutkan!"
"""A text that the rules flag for pair 3."""

Picture = bytes | tuple[str, bytes]
BOUNDARY = "batas-formulir"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    """One part of a form, as a browser would write it."""
    suffix = "" if filename is None else f'; filename="{filename}"\r\nContent-Type: application/octet-stream'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{suffix}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def form(fields: Mapping[str, str | bytes] | None = None, images: Iterable[bytes] = ()) -> bytes:
    """A whole form."""
    parts = [
        part(name, value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass"))
        for name, value in (fields or {}).items()
    ]
    parts += [part("images", data, f"foto-{number}.jpg") for number, data in enumerate(images)]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def problem(answer: httpx.Response, status: int, field: str | None = None) -> dict[str, Any]:
    """The body of a refusal whose form is right: problem+json in two languages, about `field`."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "instance"} <= body.keys()
    assert body["status"] == status
    assert body["type"].startswith("urn:netra:problem:")
    assert " / " in body["title"]
    assert " / " in body["detail"]
    assert body.get("field") == field, body
    return body


def roster_document(*, photos: bool = False) -> dict[str, Any]:
    """The demo's fictional roster, its voting day in ten days, with or without photos."""
    document: dict[str, Any] = json.loads(files("app.demo").joinpath("data/roster.json").read_text(encoding="utf-8"))
    document["election"]["voting_day"] = (date.today() + timedelta(days=10)).isoformat()
    if not photos:
        for pair in document["contests"][0]["paslon"]:
            for person in pair["candidates"]:
                person.pop("photos", None)
    return copy.deepcopy(document)


def write_roster(folder: Path) -> Path:
    """The roster with its photos as files; the path of the JSON file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in reference_photos().items():
        (folder / name).write_bytes(data)
    path = folder / "roster.json"
    path.write_text(json.dumps(roster_document(photos=True)), encoding="utf-8")
    return path


@dataclass
class World:
    """The running application and everything that tests ask of it."""

    app: FastAPI
    root: TestClient
    settings: Settings
    services: Services

    # -- callers ----------------------------------------------------------------------------------------------------

    def nobody(self) -> TestClient:
        """A program without a token."""
        return self._client({})

    def browser(self, login: str) -> TestClient:
        """A browser in which this person is signed in."""
        value = secrets.token_urlsafe(32)
        with self.services.sessions() as session:
            user = session.scalars(select(User).where(User.login == login)).one()
            expires = now() + timedelta(hours=1)
            session.add(UserSession(token_hash=fingerprint(value), user_id=user.id, expires_at=expires))
            session.commit()
        return self._client(SAME_ORIGIN, {COOKIE: value})

    def program(self, login: str, *scopes: str) -> TestClient:
        """A program with a token of this person; unlike the API, this makes tokens that the role does not allow."""
        plain = f"ntr_{secrets.token_urlsafe(32)}"
        with self.services.sessions() as session:
            user = session.scalars(select(User).where(User.login == login)).one()
            token = ApiToken(name="uji", token_hash=fingerprint(plain), scopes=list(scopes), user_id=user.id)
            session.add(token)
            session.commit()
        return self._client({"Authorization": f"Bearer {plain}"})

    def _client(self, headers: Mapping[str, str], cookies: Mapping[str, str] | None = None) -> TestClient:
        client = TestClient(self.app, headers=dict(headers), cookies=dict(cookies or {}), follow_redirects=False)
        client.portal = self.root.portal
        return client

    # -- posts ------------------------------------------------------------------------------------------------------

    def submit(
        self, text: str = "", images: Sequence[bytes] = (), client: TestClient | None = None, **fields: str
    ) -> httpx.Response:
        """Hand in a post for the contest, as the monitor unless another caller is given."""
        given = {"contest": CONTEST} | fields | ({"text": text} if text else {})
        return (client or self.monitor).post(
            "/api/v1/submissions", content=form(given, images), headers={"Content-Type": FORM}
        )

    def send(self, body: bytes, content_type: str = FORM) -> httpx.Response:
        """Any bytes to the address where posts are handed in."""
        return self.monitor.post("/api/v1/submissions", content=body, headers={"Content-Type": content_type})

    @property
    def monitor(self) -> TestClient:
        """The person who hands posts in."""
        found: TestClient | None = self.__dict__.get("_monitor")
        if found is None:
            found = self.__dict__["_monitor"] = self.browser("monitor")
        return found

    def screen_now(self) -> int:
        """Screen what is queued, in this thread; how many submissions that were."""
        with self.services.sessions() as session:
            waiting = select(Submission.id, Submission.attempt).where(Submission.state == "queued")
            rows = session.execute(waiting.order_by(Submission.received_at)).all()
        for submission_id, attempt in rows:
            screen_submission(self.services, submission_id, attempt)
        return len(rows)

    def flagged(self, text: str = CALL, images: Sequence[bytes] = (), **fields: str) -> tuple[str, int]:
        """A new flag on this post: its id and its last event."""
        answer = self.submit(text, images, **fields)
        assert answer.status_code == 202, answer.text
        self.screen_now()
        flag = self.monitor.get(answer.headers["Location"]).json()["flag"]
        assert flag is not None
        return flag["id"], self.last_event(flag["id"])

    def last_event(self, flag_id: str) -> int:
        """The last event of a flag."""
        answer = self.browser("auditor").get(f"/api/v1/flags/{flag_id}")
        assert answer.status_code == 200, answer.text
        return int(answer.json()["last_event"])

    def row(self, submission_id: str) -> Submission:
        """A submission as it is stored, with its pictures."""
        with self.services.sessions() as session:
            found = session.get_one(Submission, uuid.UUID(submission_id))
            _ = found.images
            return found

    def enrol_candidates(self) -> None:
        """Register the photos of both candidates of pair 2."""
        with self.services.sessions() as session:
            for name, data in reference_photos().items():
                place = 1 if name.startswith("bagus") else 2
                enrol_with(session, self.services, f"{CONTEST}/2/{place}", data)
            session.commit()


def add_contests(sessions: sessionmaker[Session]) -> None:
    """The fictional contest, one that is closed, and two that share a region."""
    roster: RosterFile = parse_roster(roster_document())
    with sessions() as session:
        import_roster(session, SYSTEM, roster, Path())
        past = ElectionFile(id="lama", name="Pilkada lama (fiktif)", voting_day=date(2020, 12, 9))
        save_election(session, SYSTEM, past)
        for election, contest, code in (
            ("lama", "kota-lama", "99.02"), ("demo", "muara-a", "99.03"), ("demo", "muara-b", "99.03"),
        ):  # fmt: skip
            region = RegionFile(code=code, name=f"Wilayah {contest}")
            save_contest(session, SYSTEM, election, ContestFile(id=contest, name=contest, region=region))
        session.get_one(Election, "lama").closed_at = now()
        session.commit()


def enrol_with(session: Any, services: Services, candidate_id: str, data: bytes) -> None:
    """Enrol one photo with the loaded models."""
    models: Models = services.models
    enrol(session, services.blobs, services.settings, models, SYSTEM, candidate_id, data)


def plain(shade: int = 120, kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB") -> bytes:
    """A picture of one colour, in which nothing can be found."""
    stream = io.BytesIO()
    Image.new(mode, size, (shade,) * len(mode) if len(mode) > 1 else shade).save(stream, kind)
    return stream.getvalue()


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as bytes of this format."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def noise(kind: str = "JPEG", size: tuple[int, int] = (320, 240), **options: Any) -> bytes:
    """A picture of coloured noise."""
    pixels = np.random.default_rng(5).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return saved(Image.fromarray(pixels), kind, **options)


def submissions(world: World) -> int:
    """How many submissions there are."""
    with world.services.sessions() as session:
        return session.scalar(select(func.count()).select_from(Submission)) or 0
