"""`netra calibrate` and `netra rescreen`: figures with their intervals, and a report before anything changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.principal import SYSTEM, Principal
from app.db.engine import open_engine, session_factory
from app.db.flag_tables import Flag, Screening
from app.db.people_tables import User
from app.db.submission_tables import Submission
from app.main import open_services
from app.roster.file import parse_roster
from app.roster.service import import_roster
from app.rules.revise import with_bands
from app.rules.ruleset import own_source
from app.screening.models import Models
from app.screening.rule_versions import draft, publish
from app.screening.service import screen_submission
from app.settings import settings
from tests.api.command import Netra
from tests.api.world import CONTEST, roster_document

WEAK = "Keren, salam dua jari nomor 2 \N{THUMBS UP SIGN}"
STRICTER = with_bands(own_source(), {"low": 0.39})
COORDINATOR = Principal(None, "koordinator", "Koordinator", "coordinator")
REASON = "Terlalu banyak butir lemah"


@pytest.fixture
def rows(netra: Netra, database: str, models: Models, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A contest with one weak flag."""
    monkeypatch.setattr("app.screening.service.load_models", lambda *_: models)
    services = open_services(settings())
    with services.sessions() as session:
        import_roster(session, SYSTEM, parse_roster(roster_document()), Path())
        user = User(login="monitor", name="Monitor", role="monitor", password_hash="-")
        session.add(user)
        session.flush()
        voting = roster_document()["election"]["voting_day"]
        post = Submission(
            key="uji", contest_id=CONTEST, text=WEAK, act_date=_day(voting), known_date=_day(voting),
            submitted_by=user.id,
        )  # fmt: skip
        session.add(post)
        session.commit()
        screen_submission(services, post.id, 1)
    services.engine.dispose()
    engine = open_engine(database)
    with session_factory(engine)() as session:
        yield session
    engine.dispose()


def _day(text: str) -> date:
    return date.fromisoformat(text) - timedelta(days=20)


def test_calibration_as_table_and_json(netra: Netra, rows: Session) -> None:
    flag = rows.scalars(select(Flag)).one()
    flag.state = "confirmed"
    rows.commit()
    result = netra("calibrate")
    assert result.code == 0, result.said
    for words in ("PUJIAN", "1/1", "belum cukup data", "Kappa", "recall"):
        assert words in result.said
    found = json.loads(netra("calibrate", "--contest", CONTEST, "--json").out)
    assert found["learning"]["calibration"]["whole"] | {"low": 0, "high": 0} == {
        "value": 1.0, "hits": 1, "total": 1, "low": 0, "high": 0, "enough": False,
    }  # fmt: skip
    assert [one["name"] for one in found["groups"]["pairs"]] == [f"{CONTEST}/2"]
    assert json.loads(netra("calibrate", "--until", "2020-01-01", "--json").out)["learning"]["read"] == 0


def test_a_file_of_rules_is_looked_at_and_never_applied(netra: Netra, rows: Session, tmp_path: Path) -> None:
    (tmp_path / "ketat.toml").write_text(STRICTER, encoding="utf-8")
    found = json.loads(netra("rescreen", "--contest", CONTEST, "--rules", "ketat.toml", "--json").out)
    assert found["effects"] == {"falls away": 1}
    assert found["bands"] == [{"before": "low", "after": "none", "count": 1}]
    refused = netra("rescreen", "--contest", CONTEST, "--rules", "ketat.toml", "--apply", "--yes")
    assert refused.code == 2
    assert "koordinator" in refused.said
    assert len(rows.scalars(select(Screening)).all()) == 1


def test_published_rules_are_applied_when_asked(netra: Netra, rows: Session) -> None:
    row = draft(rows, COORDINATOR, STRICTER, REASON)
    rows.commit()
    looked = netra("rescreen", "--contest", CONTEST, "--draft", row.id)
    assert looked.code == 0, looked.said
    assert "falls away" in looked.said
    publish(rows, COORDINATOR, row.id, REASON, replaces=None)
    rows.commit()
    asked = netra("rescreen", "--contest", CONTEST, "--apply")
    assert asked.code == 2
    assert "--yes" in asked.said
    assert len(rows.scalars(select(Screening)).all()) == 1
    done = netra("rescreen", "--contest", CONTEST, "--apply", "--yes")
    assert done.code == 0, done.said
    assert "1 hasil ditulis" in done.said
    assert len(rows.scalars(select(Screening)).all()) == 2
    assert rows.scalars(select(Flag)).one().state == "new"
    again = netra("rescreen", "--contest", CONTEST, "--apply", "--yes")
    assert "0 hasil ditulis" in again.said


def test_wrong_questions_are_exit_code_2(netra: Netra, rows: Session, tmp_path: Path) -> None:
    (tmp_path / "rusak.toml").write_text("bias = 1", encoding="utf-8")
    assert netra("rescreen", "--contest", "tidak-ada").code == 2
    assert netra("rescreen", "--contest", CONTEST, "--draft", 99).code == 2
    assert netra("rescreen", "--contest", CONTEST, "--rules", "rusak.toml").code == 2
    assert netra("rescreen", "--contest", CONTEST, "--rules", "rusak.toml", "--draft", 1).code == 2
