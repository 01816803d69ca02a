"""The pipeline on its own, and the recording of its result: once, whole, and by the attempt that holds the job."""

from __future__ import annotations

import io
import uuid
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app import audit
from app.auth.principal import SYSTEM
from app.db.event_tables import Event
from app.db.flag_tables import Flag, Screening
from app.db.people_tables import User
from app.db.submission_tables import Submission
from app.election.contest import Candidate, Contest, Paslon
from app.imaging.decode import ImageLimits
from app.roster.file import ContestFile, ElectionFile, PaslonFile, RegionFile
from app.roster.service import changed, save_contest, save_election, save_paslon
from app.rules.ruleset import load_rules
from app.screening import service
from app.screening.models import Models
from app.screening.pictured_text import screen_lines
from app.screening.pipeline import STAGES, Screened, field_of, pipeline_version, screen
from app.screening.record import observations_json, record
from app.screening.service import Services, field_for, screen_submission
from app.settings import Settings
from app.storage import Blobs
from app.text.registry import compile_registry
from app.vision.gallery import FaceThresholds, Gallery
from app.vision.observations import Face, Hand, TextLine

VOTING = date(2029, 9, 30)
ACT = VOTING - timedelta(days=20)
CALL = "Ayo coblos nomor 1, menangkan ABADI!"
CONTEST = Contest(
    "uji", "Uji", "99.01", "Uji", VOTING,
    paslon=(
        Paslon("uji/1", 1, (Candidate("uji/1/1", "Anwar Abadi"), Candidate("uji/1/2", "Dian Lestari")), ("ABADI",)),
        Paslon("uji/2", 2, (Candidate("uji/2/1", "Citra Buana"), Candidate("uji/2/2", "Eka Surya")), ("CITRA",)),
    ),
)  # fmt: skip


class NoHands:
    """Finds nothing."""

    def find(self, pixels: Any, faces: Any) -> tuple[Hand, ...]:
        return ()


class Lines:
    """Reads always the same."""

    def __init__(self, *lines: TextLine) -> None:
        self.lines = lines

    def read(self, pixels: Any) -> tuple[TextLine, ...]:
        return self.lines


def line(text: str, x: float = 10.0, y: float = 20.0) -> TextLine:
    corners = np.array([[x, y], [x + 90, y], [x + 90, y + 20], [x, y + 20]], np.float32)
    return TextLine(text, 0.9, corners)


def unit(place: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    vector = np.zeros(8, np.float32)
    vector[place] = 1
    return vector


def face(place: int | None, box: tuple[float, float, float, float] = (10, 10, 90, 100)) -> Face:
    return Face(box, np.full((5, 2), 30, np.float32), 0.9, None if place is None else unit(place), 60.0)


def models(*lines: TextLine) -> Models:
    """Models that see what they are told; faces come from `faces_seen`."""
    nothing: Any = None
    return Models(nothing, nothing, NoHands(), Lines(*lines), FaceThresholds(), load_rules(), "uji-1")  # type: ignore[arg-type]


@pytest.fixture
def faces_seen(monkeypatch: pytest.MonkeyPatch) -> list[Face]:
    """What every picture shows."""
    shown: list[Face] = []
    monkeypatch.setattr("app.screening.pipeline.find_faces", lambda *_: tuple(shown))
    return shown


def gallery(*people: tuple[str, int]) -> Gallery:
    matrix = np.stack([unit(place) for _, place in people]) if people else np.zeros((0, 8), np.float32)
    return Gallery(matrix, tuple(name for name, _ in people), tuple(f"p{i}" for i in range(len(people))), "uji", 3)


def picture(width: int = 200, height: int = 150) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), "grey").save(stream, "PNG")
    return stream.getvalue()


def run(originals: list[bytes], text: str, loaded: Models, known: Gallery | None = None) -> Screened:
    return screen(originals, text, field_of(CONTEST, known or gallery()), ACT, loaded, ImageLimits())


# -- the pure path --------------------------------------------------------------------------------------------------


def test_text_alone_is_judged() -> None:
    result = run([], CALL, models())
    assert result.assessment.flagged
    assert result.assessment.paslon == "uji/1"
    assert tuple(result.timings) == STAGES
    assert result.timings["faces"] == 0


def test_a_known_face_is_matched_and_judged(faces_seen: list[Face]) -> None:
    faces_seen += [face(0), face(5, (100, 10, 190, 100)), face(None, (5, 5, 15, 15))]
    result = run([picture()], "", models(), gallery(("uji/2/1", 0), ("uji/1/1", 1)))
    (seen,) = result.evidence.pictures
    assert [match.band for match in seen.matches] == ["strong", "none", "too_small"]
    assert seen.matches[0].candidate == "uji/2/1"
    (signal,) = [signal for signal in result.assessment.signals if signal.kind == "face"]
    assert (signal.paslon, signal.picture, signal.box) == ("uji/2", 0, (10, 10, 90, 100))


def test_a_picture_that_cannot_be_read_stops_no_other(faces_seen: list[Face]) -> None:
    faces_seen.append(face(0))
    result = run([b"rusak", picture(), b""], CALL, models(), gallery(("uji/1/1", 0)))
    assert [index for index, _ in result.unreadable] == [0, 2]
    assert [len(one.seen.faces) for one in result.evidence.pictures] == [0, 1, 0]
    assert {signal.picture for signal in result.assessment.signals if signal.kind == "face"} == {1}


def test_boxes_are_in_pixels_of_the_original(faces_seen: list[Face]) -> None:
    faces_seen.append(face(0))
    result = run([picture(6000, 4000)], "", models(line("x")), gallery(("uji/1/1", 0)))
    (seen,) = (one.seen for one in result.evidence.pictures)
    assert (seen.width, seen.height) == (6000, 4000)
    assert seen.faces[0].box == pytest.approx((20, 20, 180, 200))
    assert seen.faces[0].landmarks[0] == pytest.approx((60, 60))
    assert seen.lines[0].box == pytest.approx((20, 40, 200, 80))


def test_the_same_again_gives_the_same(faces_seen: list[Face]) -> None:
    faces_seen.append(face(0))
    results = [run([picture()], CALL, models(line("coblos 1")), gallery(("uji/1/1", 0))) for _ in range(2)]
    assert results[0].assessment == results[1].assessment


def test_the_text_of_a_picture_is_filed_under_its_lines() -> None:
    lines = [line("AYO PILIH"), line("NOMOR 1"), line("Anwar Abadi")]
    found = screen_lines(lines, compile_registry(CONTEST), 1000)
    assert found
    for index, signal in found:
        assert 0 <= signal.start <= signal.end <= len(lines[index].text)
    assert {index for index, signal in found if signal.code == "NAMA"} == {2}
    assert screen_lines([], compile_registry(CONTEST), 1000) == ()


def test_the_version_names_code_models_and_rules() -> None:
    loaded = models()
    code, pack, rules = pipeline_version(loaded).split("/")
    assert (pack, rules) == ("uji-1", loaded.rules.version)
    assert code
    assert len(pipeline_version(loaded)) <= 80
    assert pipeline_version(replace(loaded, pack="uji-2")) != pipeline_version(loaded)


def test_what_is_kept_of_an_unmatched_face(faces_seen: list[Face]) -> None:
    faces_seen += [face(0), face(5, (100, 10, 190, 100))]
    result = run([picture()], "", models(line("a\0b")), gallery(("uji/2/1", 0)))
    kept = observations_json(result.evidence.pictures[0])
    quality = kept["faces"][1].pop("quality")
    assert quality.keys() == {"size", "blur", "yaw", "pitch", "roll", "norm", "score"}
    assert all(value is None or isinstance(value, int | float) for value in quality.values())
    assert kept["faces"][1] == {
        "box": [100, 10, 190, 100], "size": 90, "band": "none", "candidate": None, "score": None, "photo": None,
    }  # fmt: skip
    assert kept["faces"][0]["candidate"] == "uji/2/1"
    assert kept["lines"][0]["text"] == "a\N{REPLACEMENT CHARACTER}b"


# -- recording ------------------------------------------------------------------------------------------------------


@pytest.fixture
def services(sessions: sessionmaker[Session], tmp_path: Path) -> Services:
    """Services on a fresh database with one contest and one person."""
    settings = Settings(_env_file=None, data_dir=tmp_path, unflagged_sample=0)  # type: ignore[call-arg]
    made = Services(settings, sessions.kw["bind"], sessions, Blobs(settings.blobs_url))
    made._models = replace(models(), embedder=type("Embedder", (), {"model": "uji"})())
    with sessions() as session:
        session.add(User(login="pantau", name="Pantau", role="monitor", password_hash="-"))
        save_election(session, SYSTEM, ElectionFile(id="e", name="E", voting_day=VOTING))
        save_contest(
            session, SYSTEM, "e", ContestFile(id="uji", name="Uji", region=RegionFile(code="99.01", name="Uji"))
        )
        for pair in CONTEST.paslon:
            people = [{"name": person.name} for person in pair.candidates]
            entry = PaslonFile(number=pair.number, candidates=people, aliases=list(pair.aliases))  # type: ignore[arg-type]
            save_paslon(session, SYSTEM, "uji", entry)
        session.commit()
    return made


def submitted(services: Services, text: str = CALL, attempt: int = 1) -> uuid.UUID:
    with services.sessions() as session:
        user = session.scalars(select(User)).one()
        row = Submission(
            key=uuid.uuid4().hex, contest_id="uji", text=text, act_date=ACT, known_date=ACT, submitted_by=user.id,
            attempt=attempt,
        )  # fmt: skip
        session.add(row)
        session.commit()
        return row.id


def counts(services: Services) -> tuple[int, int]:
    with services.sessions() as session:
        tables = (Screening, Flag)
        found = [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]
        assert audit.verify(session).broken_at is None
    return found[0], found[1]


def actions(services: Services) -> list[str]:
    with services.sessions() as session:
        query = select(Event.action).where(Event.action.in_(["submission.screened", "flag.raised"]))
        return list(session.scalars(query.order_by(Event.id)))


def test_screening_twice_makes_one_flag(services: Services) -> None:
    found = submitted(services)
    for _ in range(3):
        screen_submission(services, found, 1)
    assert counts(services) == (1, 1)
    assert actions(services) == ["submission.screened", "flag.raised"]


def test_recording_twice_makes_one_flag(services: Services) -> None:
    """Two workers that both finished: the second finds the row settled."""
    found, result = submitted(services), run([], CALL, models())
    for expected in (True, False):
        with services.sessions() as session:
            assert (record(session, found, 1, "v", {}, result) is not None) is expected
            session.commit()
    assert counts(services) == (1, 1)


@pytest.mark.parametrize("attempt", [1, 3])
def test_an_attempt_that_does_not_hold_the_job_writes_nothing(services: Services, attempt: int) -> None:
    found = submitted(services, attempt=2)
    screen_submission(services, found, attempt)
    with services.sessions() as session:
        assert record(session, found, attempt, "v", {}, run([], CALL, models())) is None
        session.commit()
        assert session.get_one(Submission, found).state == "queued"
    assert (counts(services), actions(services)) == ((0, 0), [])
    screen_submission(services, found, 2)
    assert counts(services) == (1, 1)


def test_an_attempt_overtaken_while_it_screens_writes_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, real = submitted(services), service.screen

    def slow(*given: Any, **named: Any) -> Screened:
        with services.sessions() as session:
            session.get_one(Submission, found).attempt = 2
            session.commit()
        return real(*given, **named)

    monkeypatch.setattr(service, "screen", slow)
    screen_submission(services, found, 1)
    assert counts(services) == (0, 0)
    monkeypatch.undo()
    screen_submission(services, found, 2)
    assert counts(services) == (1, 1)


def test_a_crash_in_the_middle_of_recording_leaves_nothing(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    found = submitted(services)

    def crash(*_: object) -> None:
        raise OSError("power cut")

    monkeypatch.setattr("app.screening.record.raise_flag", crash)
    with pytest.raises(OSError, match="power cut"):
        screen_submission(services, found, 1)
    assert (counts(services), actions(services)) == ((0, 0), [])
    monkeypatch.undo()
    screen_submission(services, found, 1)
    assert counts(services) == (1, 1)


def test_an_innocent_post_is_screened_without_a_flag(services: Services) -> None:
    found = submitted(services, "Rapat koordinasi besok pagi di aula.")
    screen_submission(services, found, 1)
    assert counts(services) == (1, 0)
    with services.sessions() as session:
        assert session.get_one(Submission, found).state == "screened"
        screening = session.scalars(select(Screening)).one()
    assert (screening.band, set(screening.timings)) == ("none", set(STAGES))
    assert screening.versions == {"models": "uji-1", "rules": load_rules().version, "roster": 4}


def test_the_roster_is_loaded_once_per_version(services: Services) -> None:
    with services.sessions() as session:
        first = field_for(services, session, "uji")
        assert field_for(services, session, "uji") is first
        changed(session, "uji")
        session.commit()
        session.expire_all()
        second = field_for(services, session, "uji")
    assert second is not first
    assert second.gallery.version == first.gallery.version + 1


def test_an_unknown_submission_is_nobodys_job(services: Services) -> None:
    screen_submission(services, uuid.uuid4(), 1)
    assert counts(services) == (0, 0)
