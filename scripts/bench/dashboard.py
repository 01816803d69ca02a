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

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.engine import open_engine, session_factory
from app.db.migrate import migrate
from app.db.tables import now
from app.review.figures import Scope, load_gold, load_verdicts
from app.review.groups import group_rates
from app.review.measures import learning, quality_of
from app.review.overview import days_of, kinds, waiting
from scripts.bench.claiming import database, measure
from tests.bulk import fill

ZONE = "Asia/Jakarta"
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
    "json": "",
    "hex": "id",
}
POSTGRESQL = {
    "ago": "now() - random() * interval '28 days'",
    "dice": "floor(random() * 10)",
    "day": "(created_at + interval '7 days')::date",
    "dashed": "i",
    "iso": "to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')",
    "json": "::json",
    "hex": "id::text",
}
SPREAD = (
    "UPDATE submission SET received_at = {ago}, platform = 'p' || {dice}, agency = 'Dinas ' || {dice} || {dice}",
    "UPDATE screening SET signals = :signals{json}",
    "UPDATE flag SET created_at = (SELECT received_at FROM submission s WHERE s.id = submission_id),"
    " paslon_id = contest_id || '/1'",
    "UPDATE flag SET due_on = {day}",
    "UPDATE flag SET state = CASE WHEN {dice} < 4 THEN 'confirmed' ELSE 'dismissed' END, desk = '' WHERE {dice} < 7",
    "UPDATE flag SET state = 'closed' WHERE state = 'confirmed' AND {dice} = 0",
    """INSERT INTO event (id, at, actor, role, action, object_type, object_id, data, previous, hash)
    SELECT row_number() OVER (ORDER BY created_at), {iso}, 'peninjau', 'reviewer',
        CASE WHEN state = 'dismissed' THEN 'flag.dismiss' ELSE 'flag.confirm' END, 'flag', {dashed},
        '{{"handling_seconds": 31.5, "blind": true}}'{json}, '', {hex}
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
    scope = Scope(None, now() - timedelta(days=29), now() + timedelta(days=1))

    def timed(name: str, act: Callable[[Session], object]) -> None:
        def once(_number: int) -> None:
            with sessions() as session:
                act(session)

        measure(name, rounds, once)

    timed("verdicts and quality", lambda session: quality_of(load_verdicts(session, scope), load_gold(session)))
    timed("per day", lambda session: days_of(session, scope, (), ZONE))
    timed("waiting and deadlines", lambda session: waiting(session, None, now().date()))
    timed("rates per group", lambda session: group_rates(session, scope))
    timed("kinds of signals", lambda session: kinds(session, scope))
    timed("calibration and what-if", lambda session: learning(session, scope))
    engine.dispose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flags", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--url", default="sqlite:///bench.db")
    parser.add_argument("--cluster", action="store_true")
    given = parser.parse_args()
    with database(given.url, given.cluster) as chosen:
        bench(chosen, given.flags, given.rounds)
