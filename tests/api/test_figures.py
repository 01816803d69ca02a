"""What the statistics read from the database: submissions with their outcome, and the verdicts that stand."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.contest_tables import ContestRow, Election, PaslonRow
from app.db.flag_tables import Flag, Screening
from app.db.gold_tables import GoldCase
from app.db.people_tables import User
from app.db.submission_tables import Submission
from app.review.figures import Scope, count_screened, load_decided, load_gold, load_rows, load_verdicts
from app.review.groups import group_rates
from app.review.measures import figures_json, learning, quality

START = datetime(2029, 9, 1, tzinfo=UTC)
ANI, BUDI, CITRA = (
    Principal(uuid.uuid4(), name, name, role)  # type: ignore[arg-type]
    for name, role in (("ani", "reviewer"), ("budi", "reviewer"), ("citra", "coordinator"))
)


@pytest.fixture
def uploader(session: Session) -> uuid.UUID:
    """Two contests with a pair each, and somebody who hands posts in."""
    user = User(login="unggah", name="Unggah", role="monitor", password_hash="-")
    session.add_all([user, Election(id="e", name="Pilkada", voting_day=date(2029, 11, 1))])
    session.flush()
    for name in ("a", "b"):
        session.add(ContestRow(id=name, election_id="e", name=name, region_code=name, region_name=f"Kota {name}"))
        session.add(PaslonRow(id=f"{name}/1", contest_id=name, number=1))
    session.commit()
    return user.id


def add(
    session: Session, uploader: uuid.UUID, hour: int, score: float, band: str, *,
    contest: str = "a", platform: str = "x", state: str | None = "new", origin: str = "rules",
    signals: Sequence[dict[str, object]] = (),
) -> Flag | None:  # fmt: skip
    """A screened post; with a state it has a flag."""
    post = Submission(
        key=uuid.uuid4().hex, contest_id=contest, platform=platform, act_date=date(2029, 9, 1),
        known_date=date(2029, 9, 1), submitted_by=uploader, received_at=START + timedelta(hours=hour), state="screened",
    )  # fmt: skip
    session.add(post)
    session.flush()
    screening = screened(session, post.id, "v1", score, band, signals)
    if state is None:
        return None
    flag = Flag(
        submission_id=post.id, screening_id=screening.id, contest_id=contest, band="low" if band == "none" else band,
        score=score, paslon_id=f"{contest}/1", stage="kampanye", track="disiplin", articles=[], state=state,
        origin=origin,
    )  # fmt: skip
    session.add(flag)
    session.flush()
    return flag


def screened(
    session: Session, submission: uuid.UUID, version: str, score: float, band: str,
    signals: Sequence[dict[str, object]] = (), hours: int = 0,
) -> Screening:  # fmt: skip
    """One screening."""
    row = Screening(
        submission_id=submission, pipeline_version=version, versions={}, band=band, score=score, observations=[],
        signals=list(signals), bias=-3.5, pairs=[], timings={}, created_at=START + timedelta(hours=hours),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def act(session: Session, who: Principal, verb: str, flag: Flag | None, **data: object) -> int:
    """One event of a flag; its id."""
    assert flag is not None
    return audit.append(session, who, f"flag.{verb}", "flag", flag.id, data).id


SIGNALS = [
    {"code": "GESTURE", "weight": 2.0, "paslon": "a/1"}, {"code": "NAMA", "weight": 0.3, "paslon": "a/2"},
    {"code": "MASA_TENANG", "weight": 0.4}, {"code": "BERITA", "weight": -2.4},
]  # fmt: skip


def test_rows_have_outcome_and_newest_score(session: Session, uploader: uuid.UUID) -> None:
    confirmed = add(session, uploader, 1, 0.9, "high", state="confirmed", signals=SIGNALS)
    add(session, uploader, 2, 0.3, "low", state="dismissed", contest="b")
    add(session, uploader, 3, 0.5, "medium", state="appealed", platform="y")
    add(session, uploader, 4, 0.05, "none", state=None)
    add(session, uploader, 5, 0.06, "none", state="dismissed", origin="sample")
    assert confirmed is not None
    screened(session, confirmed.submission_id, "v2", 0.8, "high", hours=9)
    session.commit()
    rows = load_rows(session, Scope())
    assert [(row.band, row.score, row.sampled, row.confirmed) for row in rows] == [
        ("none", 0.06, True, False), ("none", 0.05, False, None), ("medium", 0.5, False, None),
        ("low", 0.3, False, False), ("high", 0.8, False, True),
    ]  # fmt: skip
    assert [(row.contest, row.region, row.platform) for row in rows[-2:]] == [
        ("b", "Kota b", "x"),
        ("a", "Kota a", "x"),
    ]
    (high,) = [one for one in load_decided(session, rows) if one.confirmed]
    assert (high.score, high.codes) == (0.9, {"GESTURE", "MASA_TENANG"})
    assert len(load_decided(session, rows)) == 2


def test_the_scope_is_kept(session: Session, uploader: uuid.UUID) -> None:
    for hour in range(6):
        add(session, uploader, hour, 0.5, "medium", contest="ab"[hour % 2])
    session.commit()

    def seen(**scope: object) -> tuple[int, int]:
        chosen = Scope(**scope)  # type: ignore[arg-type]
        return len(load_rows(session, chosen)), count_screened(session, chosen)

    assert seen() == (6, 6)
    assert seen(contest="a") == (3, 3)
    assert seen(since=START + timedelta(hours=2), until=START + timedelta(hours=5)) == (3, 3)
    assert seen(limit=4) == (4, 6)
    assert seen(contest="tidak\0ada") == (0, 0)


def test_closed_items_keep_the_last_verdict_that_stands(session: Session, uploader: uuid.UUID) -> None:
    first, second, third = (add(session, uploader, hour, 0.9, "high", state="closed") for hour in range(3))
    act(session, ANI, "dismiss", first)
    act(session, ANI, "confirm", second)
    taken_back = act(session, BUDI, "confirm", second)
    act(session, BUDI, "undo", second, undoes=taken_back)
    act(session, BUDI, "dismiss", second)
    act(session, ANI, "confirm", third)
    undone = act(session, BUDI, "dismiss", third)
    act(session, BUDI, "undo", third, undoes=undone)
    session.commit()
    assert [row.confirmed for row in load_rows(session, Scope())] == [True, False, False]


def test_verdicts_that_stand(session: Session, uploader: uuid.UUID) -> None:
    flag = add(session, uploader, 1, 0.9, "high")
    other = add(session, uploader, 2, 0.9, "high", contest="b")
    act(session, ANI, "claim", flag, until=START.isoformat())
    wrong = act(session, ANI, "dismiss", flag, blind=True, handling_seconds=5.0)
    act(session, ANI, "undo", flag, undoes=wrong)
    act(session, ANI, "confirm", flag, blind=True, handling_seconds=20.5)
    act(session, BUDI, "dismiss", flag, blind=True)
    act(session, CITRA, "confirm", flag, blind=False)
    act(session, CITRA, "appeal", flag)
    act(session, BUDI, "confirm", flag, blind=True)
    act(session, ANI, "confirm", other, blind=True)
    session.commit()
    found = load_verdicts(session, Scope(contest="a"))
    assert [(one.reviewer, one.verdict, one.round, one.blind, one.seconds) for one in found] == [
        ("ani", "confirm", 0, True, 20.5), ("budi", "dismiss", 0, True, None), ("citra", "confirm", 0, False, None),
        ("budi", "confirm", 1, True, None),
    ]  # fmt: skip
    assert len(load_verdicts(session, Scope())) == 5
    assert load_verdicts(session, Scope(until=START)) != []
    assert load_verdicts(session, Scope(since=datetime.now(UTC) + timedelta(days=1))) == []


def test_quality_leaves_out_who_was_not_blind(session: Session, uploader: uuid.UUID) -> None:
    flags = [add(session, uploader, hour, 0.9, "high") for hour in range(4)]
    for number, flag in enumerate(flags):
        act(session, ANI, "confirm" if number % 2 else "dismiss", flag, blind=True, handling_seconds=10.0 * number)
        act(session, BUDI, "confirm" if number > 1 else "dismiss", flag, blind=True)
        act(session, CITRA, "confirm", flag, blind=False)
    assert flags[0] is not None
    session.add(GoldCase(flag_id=flags[0].id, verdict="confirm", marked_by="citra"))
    session.commit()
    assert load_gold(session) == {flags[0].id: "confirm"}
    found = quality(session, Scope())
    assert (found.kappa.value, found.kappa.pairs, found.kappa.enough) == (0.0, 4, False)
    assert (found.handling.count, found.handling.median) == (4, 15.0)
    people = {one.login: one for one in found.reviewers}
    assert (people["ani"].agreement.hits, people["ani"].agreement.total) == (2, 4)
    assert (people["ani"].gold.hits, people["ani"].gold.total) == (0, 1)
    assert (people["citra"].verdicts, people["citra"].agreement.total) == (4, 0)


def test_learning_of_a_small_world(session: Session, uploader: uuid.UUID) -> None:
    for hour in range(40):
        add(session, uploader, hour, 0.9, "high", state="confirmed" if hour < 36 else "dismissed", signals=SIGNALS)
    for hour in range(40, 80):
        state = None if hour < 60 else "confirmed" if hour == 60 else "dismissed"
        add(session, uploader, hour, 0.05, "none", state=state, origin="sample", contest="b", platform="y")
    session.commit()
    found = learning(session, Scope(), [0.5])
    assert (found.read, found.screened) == (80, 80)
    assert (found.calibration.whole.hits, found.calibration.whole.total) == (36, 40)
    assert set(found.calibration.by_signal) == {"GESTURE", "MASA_TENANG"}
    assert found.recall.value == pytest.approx(36 / 38)
    assert (found.recall.missed.hits, found.recall.missed.total, found.recall.enough) == (1, 20, False)
    (point,) = found.what_if
    assert (point.queued, point.precision.value, point.recall.value) == (40, 0.9, pytest.approx(36 / 38))
    groups = group_rates(session, Scope())
    assert [(one.name, one.flagged.hits, one.flagged.total) for one in groups.platforms] == [
        ("x", 40, 40),
        ("y", 0, 40),
    ]
    assert [(one.name, one.confirmed.hits, one.confirmed.total) for one in groups.pairs] == [("a/1", 36, 40)]
    assert [one.name for one in groups.regions] == ["Kota a", "Kota b"]


def test_figures_as_json(session: Session, uploader: uuid.UUID) -> None:
    add(session, uploader, 1, 0.9, "high", state="confirmed", signals=SIGNALS)
    session.commit()
    figures = figures_json({"learning": learning(session, Scope()), "quality": quality(session, Scope())})
    assert figures["learning"]["calibration"]["whole"]["value"] == 1.0
    assert figures["learning"]["calibration"]["whole"]["enough"] is False
    assert figures["learning"]["recall"]["enough"] is False  # no random sample
    assert figures["quality"]["kappa"]["value"] is None


def test_nothing_yet(session: Session) -> None:
    found = learning(session, Scope())
    assert (found.read, found.calibration.whole.value, found.recall.value) == (0, None, None)
    assert quality(session, Scope()).reviewers == ()
    assert group_rates(session, Scope()).pairs == ()
