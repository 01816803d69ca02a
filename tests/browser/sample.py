"""A made election with made posts, judged by the real rules: what the console's tests and pictures show."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from PIL import Image
from sqlalchemy.orm import Session

from app import audit
from app.auth.passwords import hash_password
from app.auth.principal import SYSTEM
from app.auth.users import principal_of
from app.db.base import now
from app.db.contest_tables import CandidateRow, ReferencePhoto
from app.db.engine import open_engine, session_factory
from app.db.flag_tables import Flag
from app.db.people_tables import User
from app.db.submission_tables import Submission, SubmissionImage
from app.demo.drawn_face import draw_face
from app.election.contest import Contest
from app.roster.file import ContestFile, ElectionFile, PaslonFile
from app.roster.gallery import load_contest
from app.roster.service import save_contest, save_election, save_paslon
from app.rules.judge import judge
from app.rules.ruleset import load_rules
from app.rules.signals import Evidence, PictureEvidence
from app.screening.pictured_text import screen_lines
from app.screening.pipeline import Screened
from app.screening.record import record
from app.settings import Settings
from app.storage import Blobs
from app.text.registry import compile_registry
from app.text.screen import screen_text
from app.vision.gallery import FaceMatch
from tests.browser.scenes import Scene

PASSWORD = "kata sandi contoh"
CONTEST = "muara-embun"
PAIRS = (
    (1, "Arman Dipasena", "Lilis Wiramukti", "ARLIS"),
    (2, "Bagus Tirtamaya", "Nirmala Sekarwati", "BANI"),
    (3, "Cakra Wisanggeni", "Dahlia Purnamarga", "CADA"),
    (4, "Ratna Kusumayuda", "Yusran Bentala", "RAYU"),
)
PEOPLE = (
    ("pantau", "Panwascam Embun Hulu", "monitor"), ("tinjau", "Sekar Ayuningtyas", "reviewer"),
    ("tinjau2", "Danu Prakasa", "reviewer"), ("koordinator", "Koordiv Penanganan", "coordinator"),
    ("admin", "Admin Provinsi", "admin"), ("auditor", "Auditor", "auditor"),
)  # fmt: skip
FILLER = (
    "Ayo menangkan ARLIS, coblos nomor 1! #ARLIS", "Kami dukung BANI, pilih nomor 2 ya bapak ibu #BANI",
    "Saatnya CADA memimpin, ayo pilih nomor 3 #CADA", "Jangan lupa coblos nomor 4, RAYU pilihan kita! #RAYU",
    "Keluarga besar kami mendukung nomor 2, BANI menang!",
)  # fmt: skip
XSS = '\'><script>window.__xss=1</script><img src=x onerror="window.__xss=1"> ayo coblos nomor 2 BANI'


@dataclass
class Post:
    """A post to be put into the database as if it had been screened."""

    text: str = ""
    scenes: tuple[Scene, ...] = ()
    handle: str = ""
    url: str = ""
    platform: str = "instagram"
    by: str = "pantau"
    agency: str = "Dinas Pendidikan"
    days_ago: int = 2


def fill(settings: Settings, *, filler: int = 14) -> dict[str, str]:
    """Fill a migrated, empty database; the ids of the posts' flags by name. `filler` more posts lengthen the queue."""
    blobs = Blobs(settings.blobs_url)
    engine = open_engine(settings.sqlalchemy_url)
    with session_factory(engine)() as session:
        add_people(session)
        add_roster(session, blobs)
        session.commit()
        contest = load_contest(session, CONTEST)
        found = {name: add_post(session, blobs, contest, post) for name, post in posts(session).items()}
        for number in range(filler):
            text = FILLER[number % len(FILLER)]
            add_post(session, blobs, contest, Post(text, handle=f"@warga.{number + 1}", days_ago=1 + number % 9))
        session.commit()
    engine.dispose()
    return {name: str(flag_id) for name, flag_id in found.items() if flag_id}


def add_people(session: Session) -> None:
    """One person of each role, and a second reviewer; one password hash for all, hashing is slow on purpose."""
    hashed = hash_password(PASSWORD)
    session.add_all(User(login=login, name=name, role=role, password_hash=hashed) for login, name, role in PEOPLE)
    session.flush()


def add_roster(session: Session, blobs: Blobs) -> None:
    """The fictional election, in the campaign whenever this runs, with drawn reference photos."""
    voting_day = now().date() + timedelta(days=40)
    save_election(
        session, SYSTEM, ElectionFile(id="pilkada-contoh", name="Pilkada contoh (fiktif)", voting_day=voting_day)
    )
    region = {"code": "99.01", "name": "Kabupaten Muara Embun"}
    save_contest(session, SYSTEM, "pilkada-contoh", ContestFile(id=CONTEST, name="Pilbup Muara Embun", region=region))
    for number, head, deputy, alias in PAIRS:
        people = [{"name": head, "nicknames": [head.split()[0]]}, {"name": deputy}]
        words = {"aliases": [alias], "hashtags": [f"#{alias}"], "slogans": [f"Bersama {alias} maju"]}
        entry = PaslonFile(number=number, candidates=people, accounts=[f"@{alias.lower()}.resmi"], **words)
        row = save_paslon(session, SYSTEM, CONTEST, entry)
        for person in row.candidates:
            for turn in range(3 if number == 2 else 1):
                add_photo(session, blobs, person, seed=10 * number + person.position + 100 * turn)


def add_photo(session: Session, blobs: Blobs, person: CandidateRow, seed: int) -> None:
    """A drawn reference photo. Its embedding is never used here: no test of the console matches faces."""
    face, mask = draw_face(seed, 360, (150, 175, 205), None)
    canvas = np.full((360, 360, 3), 205, np.float32)
    canvas = canvas * (1 - mask[..., None]) + face * mask[..., None]
    stream = io.BytesIO()
    Image.fromarray(canvas.clip(0, 255).astype(np.uint8)[:, :, ::-1]).save(stream, "JPEG", quality=90)
    quality = {
        "size": 144.0,
        "sharpness": 80.0,
        "turn": 0.02,
        "norm": 70.0,
        "warnings": ["small"] if seed > 200 else [],
    }
    person.photos.append(
        ReferencePhoto(
            sha256=blobs.put(stream.getvalue()),
            mime="image/jpeg",
            box=[90.0, 60.0, 270.0, 300.0],
            quality=quality,
            model="drawn",
            embedding=b"",
        )
    )
    session.flush()


def posts(session: Session) -> dict[str, Post]:
    """The posts by name."""
    head = session.get_one(CandidateRow, f"{CONTEST}/2/1")
    nearest = str(head.photos[0].id)
    match = FaceMatch("strong", head.id, 0.71, 0.22, nearest)
    together = Scene()
    together.person(7, 30, match)
    together.person(3, 470, bits="01100")
    together.words("SALAM DUA JARI", 350, 60, 44)
    second = Scene(width=640, height=800)
    second.person(12, 80, bits="01100")
    gesture = Scene()
    gesture.person(5, 250, bits="01110")
    poster = Scene(width=900, height=600)
    poster.words("COBLOS NOMOR 3", 160, 180, 70)
    poster.words("Bersama CADA maju", 250, 330, 44)
    handle = '@"><svg onload=window.__xss=1>'
    return {
        "strong": Post(
            "Bangga bisa hadir bersama calon pilihan. Ayo pilih nomor 2, dukung BANI! Salam dua jari ✌️ #BANI",
            (together, second), "@guru.embun", "https://www.instagram.com/p/contoh01/",
        ),
        "gesture": Post("Apel pagi, semangat!", (gesture,), "@staf.dinas", agency="Dinas Perhubungan", days_ago=5),
        "poster": Post("Jangan lupa ya", (poster,), "@kabar.embun", platform="facebook", days_ago=3),
        "text": Post(
            "Kata Pak Kades: “jangan golput”. Ayo menangkan Arman Dipasena dan Lilis Wiramukti, pilih nomor 1! #ARLIS",
            handle="@desa.cermin", platform="tiktok", url="https://www.tiktok.com/@desa.cermin/video/1",
        ),
        "xss": Post(XSS, (), handle, "javascript:window.__xss=1", agency="<b>Dinas</b>"),
        "news": Post(
            "EMBUN HULU, KABAREMBUN.COM - Paslon nomor 4 Ratna Kusumayuda mengajak warga: “ayo coblos nomor 4”. #RAYU",
            handle="@kabarembun", platform="website", url="https://kabarembun.example/berita/4",
        ),
        "own": Post("Dukung CADA, pilih nomor 3! #CADA", handle="@lain", by="tinjau"),
    }  # fmt: skip


def add_post(session: Session, blobs: Blobs, contest: Contest, post: Post) -> uuid.UUID | None:
    """Record the post and what the rules make of it; the id of its flag."""
    submitter = session.query(User).filter_by(login=post.by).one()
    act = (now() - timedelta(days=post.days_ago)).date()
    submission = Submission(
        key=uuid.uuid4().hex * 2, contest_id=contest.id, text=post.text, platform=post.platform, url=post.url,
        handle=post.handle, subject_type="pns", agency=post.agency, act_date=act, known_date=act,
        submitted_by=submitter.id, received_at=now() - timedelta(days=post.days_ago - 1, minutes=17),
    )  # fmt: skip
    submission.images = [image(blobs, position, scene) for position, scene in enumerate(post.scenes)]
    session.add(submission)
    session.flush()
    audit.append(session, principal_of(submitter), "submission.received", "submission", submission.id)
    result = judged(contest, post, act)
    versions = {"models": "drawn", "rules": result.assessment.rules_version, "roster": 1}
    flag: Flag | None = record(session, submission.id, 1, "contoh/1", versions, result)
    return flag.id if flag else None


def image(blobs: Blobs, position: int, scene: Scene) -> SubmissionImage:
    """The scene as an original picture."""
    data = scene.jpeg()
    return SubmissionImage(
        position=position, sha256=blobs.put(data), mime="image/jpeg", size=len(data), width=scene.width,
        height=scene.height,
    )  # fmt: skip


def judged(contest: Contest, post: Post, act: Any) -> Screened:
    """The real rules and the real text screen on drawn observations."""
    registry = compile_registry(contest)
    pictures = []
    for scene in post.scenes:
        seen = scene.seen()
        matches = tuple(match for _, match in scene.faces)
        pictures.append(PictureEvidence(seen, matches, screen_lines(seen.lines, registry, seen.height)))
    evidence = Evidence(tuple(pictures), screen_text(post.text, registry))
    timings = {"decode": 12.4, "faces": 88.1, "hands": 41.7, "reading": 160.2, "text": 1.1, "judge": 0.4}
    return Screened(judge(evidence, contest, act, load_rules()), evidence, (), timings)
