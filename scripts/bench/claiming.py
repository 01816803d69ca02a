"""How long `next` takes on a full queue: fills a database of its own with flags and measures claims and looks.

    python scripts/bench/claiming.py --flags 1000000 --url sqlite:////some/folder/bench.db
    python scripts/bench/claiming.py --flags 1000000 --cluster        # a private PostgreSQL, thrown away afterwards

The milliseconds are those of one call in the process, the commit that follows counted apart: it waits for the disk."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from statistics import median

from sqlalchemy import text

from app import audit
from app.auth.principal import SYSTEM
from app.db.base import now
from app.db.engine import open_engine, session_factory
from app.db.migrate import migrate
from app.review.claims import claim_next
from app.review.decide import decide
from app.review.filters import Filters
from app.review.queue import list_flags, next_flag
from tests.bulk import fill

NEXT = """
SELECT id FROM flag WHERE desk = 'review' AND barred NOT LIKE :me AND (assigned_to IS NULL OR assigned_to = 'peninjau')
AND (copy_group IS NULL OR NOT EXISTS (
    SELECT 1 FROM flag ahead WHERE ahead.copy_group = flag.copy_group AND ahead.state IN ('new', 'claimed')
    AND (ahead.priority > flag.priority OR (ahead.priority = flag.priority AND ahead.id < flag.id))
    AND ahead.contest_id = flag.contest_id))
ORDER BY priority DESC, id LIMIT 1
"""


def measure(name: str, rounds: int, act: Callable[[int], None]) -> None:
    """Print the median and the 95th percentile of `act`, in milliseconds."""
    times = []
    for number in range(rounds):
        begin = time.perf_counter()
        act(number)
        times.append((time.perf_counter() - begin) * 1000)
    times.sort()
    print(f"{name:44} median {median(times):8.2f} ms   p95 {times[int(rounds * 0.95)]:8.2f} ms")


def bench(url: str, wanted: int, rounds: int, groups: int) -> None:
    """Fill and measure."""
    migrate(url)
    engine = open_engine(url)
    sessions = session_factory(engine)
    begin = time.perf_counter()
    with sessions() as session:
        reviewer = fill(session, wanted, groups)
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    print(f"{engine.dialect.name}: {wanted} flags in {time.perf_counter() - begin:.0f} s")

    def found(_number: int) -> None:
        with engine.connect() as connection:
            connection.execute(text(NEXT), {"me": "%|peninjau|%"}).scalar_one()

    def look(_number: int) -> None:
        with sessions() as session:
            next_flag(session, principal=reviewer)

    def page(_number: int) -> None:
        with sessions() as session:
            list_flags(session, filters=Filters(state="new"), limit=25)

    def claimed(filters: Filters) -> Callable[[int], None]:
        def act(number: int) -> None:
            someone = replace(reviewer, login=f"{filters.contest}r{number}")
            with sessions() as session:
                claim_next(session, someone, filters=filters)
                before = time.perf_counter()
                session.commit()
                commits.append((time.perf_counter() - before) * 1000)

        return act

    def decided(_number: int) -> None:
        with sessions() as session:
            flag = claim_next(session, reviewer)
            assert flag is not None
            decide(session, reviewer, flag.id, "dismiss", "duplicate", "", flag.last_event, second_look_share=0)
            session.commit()

    commits: list[float] = []
    measure("find the next by index, in SQL alone", rounds, found)
    measure("look at the next", rounds, look)
    measure("list the first page", rounds, page)
    measure("claim the next, commit included", rounds, claimed(Filters()))
    print(f"{'  of it the commit':44} median {median(commits):8.2f} ms")
    measure("claim the next of one contest, with commit", rounds, claimed(Filters(contest="c7")))
    measure("claim, decide, two acts and one commit", rounds, decided)
    with sessions() as session:
        audit.append(session, SYSTEM, "bench.done", "bench", "queue", {"at": now().isoformat()})
        print("chain holds:", audit.verify(session).broken_at is None)
    engine.dispose()


@contextmanager
def database(url: str, cluster: bool) -> Iterator[str]:
    """The URL, or that of a private cluster."""
    if not cluster:
        yield url
        return
    from tests import postgres

    with postgres.cluster() as pattern:
        yield pattern.format(name="postgres")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flags", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--url", default="sqlite:///bench.db")
    parser.add_argument(
        "--groups", type=int, default=0, help="a multiple of 100: all flags are copies, in so many groups"
    )
    parser.add_argument("--cluster", action="store_true")
    given = parser.parse_args()
    with database(given.url, given.cluster) as chosen:
        bench(chosen, given.flags, given.rounds, given.groups)
