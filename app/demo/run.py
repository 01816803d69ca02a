"""Loading the fictional election and running the main job on its posts, through the same doors as everybody."""

from __future__ import annotations

import io
import json
import os
import secrets
import tempfile
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import jobs
from app.auth import users as people
from app.auth.principal import SYSTEM
from app.db.contest_tables import Election, PaslonRow
from app.db.flag_tables import Flag, Screening
from app.db.people_tables import User
from app.db.submission_tables import Submission
from app.demo.pictures import reference_photos
from app.demo.posts import POSTS, Post
from app.election.calendar import stage_on
from app.errors import AppError
from app.intake.accept import accept
from app.intake.upload import Upload
from app.review.rechecks import rechecks, record_recheck
from app.roster.enrol import enrol
from app.roster.file import RosterFile, parse_roster
from app.roster.gallery import load_contest
from app.roster.service import import_roster
from app.screening.service import Services, screen_submission
from app.settings import Settings

CONTEST = "muara-embun"
DAYS_TO_VOTING = 10
"""So that every act of the scenario, the latest ten days before voting, has happened."""
ACCOUNTS = (
    ("pkd.cermin", "PKD Sungai Cermin", "monitor"),
    ("reviewer.a", "Peninjau A", "reviewer"),
    ("reviewer.b", "Peninjau B", "reviewer"),
    ("koordiv.pp", "Koordinator Penanganan Pelanggaran", "coordinator"),
    ("admin.prov", "Admin Provinsi", "admin"),
    ("auditor", "Auditor", "auditor"),
)
SIGN_IN_FILE = "demo-sign-in.json"
Advance = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one demo post, and whether that was expected."""

    post: Post
    state: str
    band: str
    score: float
    paslon: int | None
    direction: str | None
    reasons: tuple[str, ...]
    lane: str = "netralitas"

    @property
    def expected(self) -> bool:
        """Band, lane, pair and direction are those of the scenario."""
        if self.state != "screened" or self.band not in self.post.bands or self.lane != self.post.lane:
            return False
        if self.band == "none":
            return True
        return self.paslon == self.post.paslon and self.post.direction in (None, self.direction)


def load_demo(session: Session, services: Services, advance: Advance) -> dict[str, str]:
    """Election, roster, photos and accounts; logins and passwords. Running it again changes only what is missing."""
    document = json.loads(files("app.demo").joinpath("data/roster.json").read_text(encoding="utf-8"))
    voting_day = current_voting_day(session, datetime.now(ZoneInfo(document["contests"][0]["timezone"])).date())
    document["election"]["voting_day"] = voting_day.isoformat()
    roster: RosterFile = parse_roster(document)
    election = session.get(Election, "demo")
    if election is None or election.voting_day != voting_day:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for file, data in reference_photos().items():
                (folder / file).write_bytes(data)
            done = import_roster(session, SYSTEM, roster, folder)
            session.flush()
            for candidate, path, face in done.photos:
                advance(f"{candidate}: {path.name}")
                _enrol_once(session, services, candidate, path.read_bytes(), face)
        session.commit()
    sign_ins = demo_accounts(session, services.settings)
    session.commit()
    return sign_ins


def _enrol_once(session: Session, services: Services, candidate: str, data: bytes, face: int | None) -> None:
    settings, blobs = services.settings, services.blobs
    try:
        enrol(session, blobs, settings, services.models, SYSTEM, candidate, data, face)
    except AppError as error:
        if error.type != "conflict":  # a conflict: enrolled by an earlier run
            raise


def current_voting_day(session: Session, today: date) -> date:
    """The demo's voting day: kept while the campaign lasts, set anew once it is over. `today` is the contest's."""
    election = session.get(Election, "demo")
    if election is not None and election.contests:
        contest = load_contest(session, CONTEST)
        if stage_on(contest, today).code == "kampanye":
            return election.voting_day
    return today + timedelta(days=DAYS_TO_VOTING)


def demo_accounts(session: Session, settings: Settings) -> dict[str, str]:
    """The fictional accounts; their passwords are made up once and kept, readable by the owner only."""
    path = settings.data_dir / SIGN_IN_FILE
    known: dict[str, str] = json.loads(path.read_text()) if path.is_file() else {}
    for login, name, role in ACCOUNTS:
        user = session.scalar(select(User).where(User.login == login))
        if user is not None and login in known:
            continue
        known[login] = secrets.token_urlsafe(9)
        if user is None:
            people.create_user(session, SYSTEM, login, name, role, known[login], "99.01")
        else:
            people.set_password(session, SYSTEM, user, known[login])
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(known, file, indent=1)
    return known


def submit_posts(session: Session, services: Services) -> dict[str, uuid.UUID]:
    """Hand in every post of the scenario as its monitor would; submission ids by post. Again: the same ones."""
    monitor = people.principal_of(session.scalars(select(User).where(User.login == "pkd.cermin")).one())
    voting_day = session.get_one(Election, "demo").voting_day
    handed_in = {}
    for post in POSTS:
        upload = Upload(
            images=[io.BytesIO(post.picture())] if post.picture else [],
            text=post.text,
            contest=CONTEST,
            platform=post.platform,
            handle=post.handle,
            url=post.url,
            subject_type=post.subject_type,
            agency=post.agency,
            parent=post.parent,
            act_date=voting_day + timedelta(days=post.act_day),
            known_date=voting_day + timedelta(days=post.known_day),
        )
        accepted = accept(session, services.blobs, services.settings, monitor, upload)
        if post.gone and not rechecks(session, accepted.submission.id):
            record_recheck(session, monitor, accepted.submission.id, "gone")
        session.commit()
        handed_in[post.id] = accepted.submission.id
    return handed_in


def screen_all(services: Services, ids: Collection[uuid.UUID], advance: Advance, seconds: float = 300.0) -> None:
    """Let a worker of this process screen what is queued, until every submission in `ids` is done."""
    with services.sessions() as session:
        if not _waiting(session, ids):
            return
    _ = services.models
    worker = jobs.start_worker(services.settings, partial(screen_submission, services))
    try:
        deadline, left = time.monotonic() + seconds, len(ids)
        while time.monotonic() < deadline and left:
            with services.sessions() as session:
                left = _waiting(session, ids)
            advance(f"{len(ids) - left} / {len(ids)}")
            time.sleep(0.1)
    finally:
        worker.stop()


def _waiting(session: Session, ids: Collection[uuid.UUID]) -> int:
    queued = select(func.count()).select_from(Submission).where(Submission.state == "queued", Submission.id.in_(ids))
    return session.scalar(queued) or 0


def outcomes(session: Session, handed_in: dict[str, uuid.UUID]) -> list[Outcome]:
    """What was found, post by post."""
    found = []
    for post in POSTS:
        submission = session.get_one(Submission, handed_in[post.id])
        screening = session.scalar(
            select(Screening).where(Screening.submission_id == submission.id).order_by(Screening.created_at.desc())
        )
        flag = session.scalar(select(Flag).where(Flag.submission_id == submission.id))
        pair = session.get(PaslonRow, flag.paslon_id) if flag and flag.paslon_id else None
        signals = screening.signals if screening else []
        found.append(
            Outcome(
                post,
                submission.state,
                screening.band if screening else "-",
                screening.score if screening else 0.0,
                pair.number if pair else None,
                flag.direction if flag else None,
                tuple(dict.fromkeys(signal["code"] for signal in signals)),
                flag.lane if flag else "netralitas",
            )
        )
    return found
