"""The demo: the main job on the demo posts, with the flags that are expected, as often as one likes."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import audit
from app.db.contest_tables import Election, ReferencePhoto
from app.db.engine import open_engine, session_factory
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.people_tables import User
from app.db.submission_tables import Submission
from app.demo import run as demo
from app.demo.posts import POSTS
from app.demo.tips import TIPS
from app.screening import service
from app.screening.models import Models
from app.screening.service import Services
from app.settings import settings as read_settings
from tests.api.command import Netra


@pytest.fixture(autouse=True)
def open_pack(netra: Netra, models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pack that is open already; nothing is drawn from what the rules do not flag.

    After `netra`, which empties the environment."""
    monkeypatch.setattr(service, "load_models", lambda *_: models)
    monkeypatch.setenv("NETRA_UNFLAGGED_SAMPLE", "0")


def test_the_demo_prints_the_expected_flags_and_again_adds_nothing(netra: Netra, database: str, tmp_path: Path) -> None:
    assert read_settings().unflagged_sample == 0
    tables = (Submission, Flag, ReferencePhoto, User, Event)
    counts = []
    for _ in range(2):
        result = netra("demo", "run")
        assert result.code == 0, result.said
        assert all(post.id in result.out for post in POSTS)
        assert "✗" not in result.out
        engine = open_engine(database)
        with session_factory(engine)() as session:
            counts.append([session.scalar(select(func.count()).select_from(table)) for table in tables])
            assert audit.verify(session).broken_at is None
        engine.dispose()
    assert counts[0] == counts[1]
    flags = sum("none" not in post.bands for post in POSTS)
    assert counts[0][:3] == [len(POSTS) + len(TIPS), flags + len(TIPS), 6]
    signs = tmp_path / "data" / "demo-sign-in.json"
    assert stat.S_IMODE(signs.stat().st_mode) == 0o600
    assert {"reviewer.a", "koordiv.pp", "admin.prov"} <= json.loads(signs.read_text()).keys()


@pytest.mark.parametrize(("hour", "day"), [(16, 1), (17, 2)])
def test_the_demo_lives_on_its_contest_s_clock(
    session: Session, monkeypatch: pytest.MonkeyPatch, hour: int, day: int
) -> None:
    """Whatever the machine's zone: midnight in Jakarta is 17.00 UTC."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime(2031, 3, 1, hour, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(demo, "datetime", Clock)
    monkeypatch.setattr(demo, "_enrol_once", lambda *_: None)
    monkeypatch.setattr(demo, "demo_accounts", lambda *_: {})
    services = cast(Services, SimpleNamespace(settings=None))
    demo.load_demo(session, services, lambda _: None)
    assert session.get_one(Election, "demo").voting_day == date(2031, 3, day) + timedelta(days=demo.DAYS_TO_VOTING)


def test_an_unexpected_flag_is_exit_code_1(netra: Netra, monkeypatch: pytest.MonkeyPatch) -> None:
    told = next(post for post in POSTS if post.picture is None and "none" not in post.bands)
    monkeypatch.setattr(demo, "POSTS", (replace(told, bands=("none",)),))
    result = netra("demo", "run")
    assert result.code == 1
    assert "Not the expected flags" in result.said
    assert "✗" in result.out
