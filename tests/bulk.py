"""A database with very many flags, written in a few statements: for benchmarks and for tests under load."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.contest_tables import ContestRow, Election, PaslonRow
from app.db.people_tables import User
from app.rules.priority import priority

CONTESTS = 100
KNOWN = date(2029, 9, 2)


def fill(session: Session, wanted: int, groups: int = 0) -> Principal:
    """`wanted` flags over the contests, each of which has one pair, and a reviewer.

    A tenth are decided, the rest wait; strengths are random. `groups`, a multiple of CONTESTS: all of them are copies,
    spread over so many groups."""
    monitor = User(login="pemantau", name="P", role="monitor", password_hash="")
    reviewer = User(login="peninjau", name="R", role="reviewer", password_hash="")
    session.add_all([monitor, reviewer, Election(id="e", name="E", kind="pilkada", voting_day=date(2029, 11, 28))])
    for number in range(CONTESTS):
        session.add(
            ContestRow(id=f"c{number}", election_id="e", name="C", region_code=f"99.{number:02}", region_name="C")
        )
        session.add(PaslonRow(id=f"c{number}/1", contest_id=f"c{number}", number=1))
    session.flush()
    bare = session.get_bind().dialect.name == "sqlite"
    words = SQLITE if bare else POSTGRESQL
    given = {"count": wanted, "monitor": monitor.id.hex if bare else monitor.id, "groups": groups}
    given |= {"base": priority(0, None, "", KNOWN)}
    for statement in (SUBMISSIONS, SCREENINGS, FLAGS):
        session.execute(text(COUNTED.format(**words) + statement.format(**words)), given)
    session.commit()
    return Principal(reviewer.id, reviewer.login, reviewer.name, "reviewer")


SQLITE = {
    "id": "printf('%032x', i)",
    "group": "printf('%032x', i % :groups)",
    "moment": "'2029-09-02 00:00:00'",
    "dice": "abs(random() % 1000000)",
    "json": "",
    "day": "'2029-09-02'",
}
POSTGRESQL = {
    "id": "lpad(to_hex(i), 32, '0')::uuid",
    "group": "lpad(to_hex(i % CAST(NULLIF(:groups, 0) AS int)), 32, '0')::uuid",
    "moment": "timestamptz '2029-09-02'", "dice": "random() * 1000000", "json": "::json", "day": "date '2029-09-02'",
}  # fmt: skip
COUNTED = """
WITH RECURSIVE n(i, strength) AS (
    SELECT 1, CAST(0.5 AS DOUBLE PRECISION) UNION ALL SELECT i + 1, ({dice}) / 1000000.0 FROM n WHERE i < :count)
"""
SUBMISSIONS = """
INSERT INTO submission (id, key, contest_id, text, platform, url, handle, subject_type, agency, act_date, known_date,
    capture_method, submitted_by, received_at, state, attempt)
SELECT {id}, 'k' || i, 'c' || (i % 100), '', '', '', '', 'pns', '', {day}, {day}, 'upload', :monitor,
    {moment}, 'screened', 1 FROM n
"""
SCREENINGS = """
INSERT INTO screening (id, submission_id, pipeline_version, versions, band, score, observations, signals, timings,
    created_at)
SELECT {id}, {id}, '1', '{{}}'{json}, 'high', strength, '[]'{json}, '[]'{json}, '{{}}'{json}, {moment} FROM n
"""
FLAGS = """
INSERT INTO flag (id, submission_id, screening_id, contest_id, band, score, stage, track, articles, due_on, priority,
    barred, state, desk, last_event, created_at, copy_group)
SELECT {id}, {id}, {id}, 'c' || (i % 100), 'high', strength, 'kampanye', 'disiplin', '[]'{json}, {day},
    :base + 4 * strength, '|pemantau|', CASE i % 10 WHEN 0 THEN 'dismissed' ELSE 'new' END,
    CASE i % 10 WHEN 0 THEN '' ELSE 'review' END, 0, {moment},
    CASE WHEN :groups > 0 THEN {group} END FROM n
"""


CLONES = {
    "submission": ("id", "key"),
    "submission_image": ("id", "submission_id"),
    "screening": ("id", "submission_id"),
    "flag": ("id", "submission_id", "screening_id", "priority", "last_event"),
}
"""The tables of an item, and the columns in which its copies differ."""
COPY = """
INSERT INTO {table} ({names})
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
SELECT {values} FROM n, {table} AS o WHERE o.{parent} = :original
"""


def clone(session: Session, originals: Sequence[uuid.UUID], wanted: int) -> None:
    """`wanted` flags that are copies of these submissions in turn, each with its screening, its rows of pictures (the
    files are shared) and its own place in the queue."""
    engine = session.get_bind()
    bare = engine.dialect.name == "sqlite"
    for turn, original in enumerate(originals):
        number = f"(n.i * {len(originals)} + {turn})"
        changes = {
            "key": f"'copy-' || {number}", "last_event": "0", "submission_id": _id(number, bare),
            "screening_id": _id(number, bare),
            "priority": f"o.priority + ({(SQLITE if bare else POSTGRESQL)['dice']}) / 1000000.0",
        }  # fmt: skip
        for table, changed in CLONES.items():
            own = f"({number} * 16 + o.position)" if table == "submission_image" else number
            values = changes | {"id": _id(own, bare)}
            columns = [column["name"] for column in inspect(engine).get_columns(table)]
            statement = COPY.format(
                table=table,
                names=", ".join(columns),
                values=", ".join(values[name] if name in changed else f"o.{name}" for name in columns),
                parent="id" if table == "submission" else "submission_id",
            )
            given = {"count": wanted // len(originals), "original": original.hex if bare else original}
            session.execute(text(statement), given)


def _id(number: str, bare: bool) -> str:
    """A number as an id, in SQL."""
    return f"printf('%032x', {number})" if bare else f"lpad(to_hex({number}), 32, '0')::uuid"
