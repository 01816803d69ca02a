"""How long the queue's filters and orders take on a full database, and which of them an index answers.

    python scripts/bench/lists.py --flags 100000 --url sqlite:////some/folder/lists.db
    python scripts/bench/lists.py --flags 100000 --cluster         # a private PostgreSQL, thrown away afterwards

The milliseconds are those of the first page of 25 with everything that its rows show, read in this process. "looks"
marks filters for which flags are looked at one after the other, at most WINDOW of them for a page."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import argparse
import json
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.engine import open_engine, session_factory
from app.db.keyset import Sort
from app.db.migrate import migrate
from app.review.filters import MINE, WAITING, Filters, looked_at, narrowed
from app.review.queue import SORTS, list_flags
from app.rules.serial import signal_to_json
from app.rules.signals import Signal
from scripts.bench.claiming import database, measure
from tests.bulk import fill

PAGE = 25
HASHTAG = json.dumps([signal_to_json(Signal("TAGAR", "text", 1.1, field="caption", span=(0, 5), quote="#DUKUNG"))])
SPREAD = (
    "UPDATE submission SET platform = 'tiktok' WHERE contest_id = 'c7'",
    f"UPDATE screening SET signals = '{HASHTAG}' WHERE score > 0.5",
    "UPDATE flag SET assigned_to = 'peninjau' WHERE contest_id = 'c8'",
    "UPDATE flag SET state = 'appealed' WHERE contest_id = 'c9' AND state = 'new' AND score > 0.9",
    "UPDATE flag SET band = 'low' WHERE contest_id = 'c10'",
)
CASES = {
    "what waits for me": Filters(state=WAITING),
    "everything": Filters(),
    "a common state": Filters(state="new"),
    "a rare state": Filters(state="appealed"),
    "a contest": Filters(contest="c7"),
    "a contest and a state": Filters(contest="c7", state="new"),
    "a contest, what waits for me": Filters(contest="c7", state=WAITING),
    "a region of one contest": Filters(region="99.07", state=WAITING),
    "a region of all contests": Filters(region="99", state=WAITING),
    "assigned to me": Filters(assigned=MINE, state=WAITING),
    "a signal that half have": Filters(signal="TAGAR", state=WAITING),
    "a signal that none has": Filters(signal="BERITA", state=WAITING),
    "a platform of one in a hundred": Filters(platform="tiktok", state=WAITING),
    "a band of one in a hundred": Filters(band="low", state=WAITING),
    "a stage that none is in": Filters(stage="pasca", state=WAITING),
    "decided by somebody": Filters(reviewer="peninjau"),
}


def bench(url: str, wanted: int, rounds: int) -> None:
    """Fill and measure."""
    migrate(url)
    engine = open_engine(url)
    sessions = session_factory(engine)
    with sessions() as session:
        reviewer = fill(session, wanted)
        spread(session)
    if engine.dialect.name != "sqlite":
        with engine.connect() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()
    print(f"{engine.dialect.name}: {wanted} flags")
    for name, filters in CASES.items():
        with sessions() as session:
            looks = " (looks)" if looked_at(narrowed(session, filters)) else ""
        for order, sort in SORTS.items():

            def page(_number: int, chosen: Filters = filters, sort: Sort = sort) -> None:
                with sessions() as session:
                    list_flags(session, filters=chosen, viewer=reviewer, sort=sort, limit=PAGE)

            measure(f"{name}{looks}, by {order}", rounds, page)
            if sort.descending:
                with sessions() as session:
                    middle = list_flags(session, filters=replace(filters), viewer=reviewer, limit=PAGE).next
                print(" " * 4 + ("a next page follows" if middle else "no more"))
    engine.dispose()


def spread(session: Session) -> None:
    """Give the flags something to filter by."""
    for statement in SPREAD:
        session.connection().exec_driver_sql(statement)
    session.commit()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flags", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--url", default="sqlite:///lists.db")
    parser.add_argument("--cluster", action="store_true")
    given = parser.parse_args()
    with database(given.url, given.cluster) as chosen:
        bench(chosen, given.flags, given.rounds)
