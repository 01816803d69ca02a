"""How long the figures take on a large database: fills one, spreads it over a month with verdicts, and measures what
the pages of figures compute when nothing of it is kept yet.

python scripts/bench/dashboard.py --flags 100000 --url sqlite:////some/folder/bench.db
python scripts/bench/dashboard.py --flags 100000 --cluster     # a private PostgreSQL, thrown away afterwards"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import argparse
import json
from collections.abc import Callable
from datetime import timedelta
from tempfile import TemporaryDirectory

from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.api.deps import COOKIE
from app.api.statistics import LEARNED, THRESHOLDS
from app.auth.sessions import fingerprint
from app.db.base import now
from app.db.engine import open_engine, session_factory
from app.db.migrate import migrate
from app.db.people_tables import User, UserSession
from app.main import create_app
from app.review.board import board
from app.review.measures import learning, quality
from app.review.overview import volume
from app.review.period import period_of
from app.settings import Settings
from scripts.bench.claiming import database, measure
from tests.bulk import fill

SIGNALS = [
    {"code": code, "kind": kind, "weight": 2.0, "params": {"quote": "x" * 120}, "box": [1.5, 2.5, 3.5, 4.5]}
    for code, kind in (("FACE_MATCH", "face"), ("GESTURE", "hand"), ("DUKUNGAN", "text"), ("TAGAR", "text"))
]
DASHED = " || '-' || ".join(
    f"substr(i, {start}, {size})" for start, size in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
)
SQLITE = {
    "ago": "datetime('now', '-' || (abs(random()) % 2419200) || ' seconds')",
    "dice": "(abs(random()) % 10)",
    "day": "date(created_at, '+7 days')",
    "dashed": DASHED,
    "iso": "strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', created_at)",
    "json": "TEXT",
    "hex": "id",
}
POSTGRESQL = {
    "ago": "now() - random() * interval '28 days'",
    "dice": "floor(random() * 10)",
    "day": "(created_at + interval '7 days')::date",
    "dashed": "i",
    "iso": "to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')",
    "json": "JSON",
    "hex": "id::text",
}
SPREAD = (
    "UPDATE submission SET received_at = {ago}, platform = 'p' || {dice}, agency = 'Dinas ' || {dice} || {dice}",
    "UPDATE screening SET signals = CAST(:signals AS {json})",
    "UPDATE flag SET created_at = (SELECT received_at FROM submission s WHERE s.id = submission_id),"
    " paslon_id = contest_id || '/1'",
    "UPDATE flag SET due_on = {day}",
    "UPDATE flag SET state = CASE WHEN {dice} < 4 THEN 'confirmed' ELSE 'dismissed' END, desk = '' WHERE {dice} < 7",
    "UPDATE flag SET state = 'closed' WHERE state = 'confirmed' AND {dice} = 0",
    """INSERT INTO event (id, at, actor, role, action, object_type, object_id, data, previous, hash)
    SELECT row_number() OVER (ORDER BY created_at), {iso}, 'peninjau', 'reviewer',
        CASE WHEN state = 'dismissed' THEN 'flag.dismiss' ELSE 'flag.confirm' END, 'flag', {dashed},
        CAST('{{"handling_seconds": 31.5, "blind": true}}' AS {json}), '', {hex}
    FROM (SELECT id, {hex} AS i, state, created_at FROM flag WHERE desk = '') AS done""",
    "UPDATE chain_head SET event_id = (SELECT max(id) FROM event)",
)


def spread(session: Session) -> None:
    """A month of posts from ten platforms and a hundred agencies, seven tenths of them decided."""
    kind = SQLITE if session.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for statement in SPREAD:
        given = {"signals": json.dumps(SIGNALS)} if ":signals" in statement else {}
        session.execute(text(statement.format(**kind)), given)
    session.commit()


def bench(url: str, wanted: int, rounds: int) -> None:
    """Fill and measure."""
    migrate(url)
    engine = open_engine(url)
    sessions = session_factory(engine)
    with sessions() as session:
        fill(session, wanted)
        spread(session)
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    print(f"{engine.dialect.name}: {wanted} flags")
    with sessions() as session:
        period = period_of(session)

    def timed(name: str, act: Callable[[Session], object]) -> None:
        def once(_number: int) -> None:
            with sessions() as session:
                act(session)

        measure(name, rounds, once)

    timed("volume, waiting and deadlines", lambda session: volume(session, period))
    timed("rates, recall, signals, handling times", lambda session: board(session, period))
    timed("quality of reviewing", lambda session: quality(session, period.scope(LEARNED)))
    timed("calibration and what-if", lambda session: learning(session, period.scope(LEARNED), THRESHOLDS))
    pages(url)
    engine.dispose()


def pages(url: str) -> None:
    """The pages as a coordinator's browser asks for them: the first in a minute computes, the others are kept."""
    with TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder), database_url=url, embedded_worker=False)  # type: ignore[call-arg]
        with TestClient(create_app(settings)) as client:
            with client.app.state.services.sessions() as session:  # type: ignore[attr-defined]
                user = User(login="koordinator", name="K", role="coordinator", password_hash="")
                session.add(user)
                session.flush()
                expires = now() + timedelta(hours=1)
                session.add(UserSession(token_hash=fingerprint("bench"), user_id=user.id, expires_at=expires))
                session.commit()
            client.cookies.set(COOKIE, "bench")

            def ask(path: str) -> Callable[[int], None]:
                def once(_number: int) -> None:
                    assert client.get(path).status_code == 200, path

                return once

            for path in ("/dasbor", "/mutu", "/kalibrasi"):
                measure(f"{path}, the first time", 1, ask(path))
                measure(f"{path}, within the minute", 15, ask(path))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flags", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--url", default="sqlite:///bench.db")
    parser.add_argument("--cluster", action="store_true")
    given = parser.parse_args()
    with database(given.url, given.cluster) as chosen:
        bench(chosen, given.flags, given.rounds)
