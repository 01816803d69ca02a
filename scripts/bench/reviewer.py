"""A scripted reviewer decides items through the console, on a database of very many flags.

    python scripts/bench/reviewer.py --flags 100000 --items 100
    python scripts/bench/reviewer.py --flags 100000 --cluster      # a private PostgreSQL, thrown away afterwards

The items are copies of real screenings with pictures, faces, hands and marked text. Two server processes serve; each
time is that of one request as the browser would see it on this machine, the answer's transfer included: taking the next
item, the page of the item, the pictures on it, and the verdict."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import argparse
import json
import re
import tempfile
import time
import uuid
from collections import defaultdict
from contextlib import ExitStack
from statistics import median

import httpx
from sqlalchemy import text

from app.db.engine import open_engine, session_factory
from app.db.flag_tables import Flag
from tests import postgres
from tests.browser.sample import PASSWORD
from tests.browser.serving import serve
from tests.bulk import clone

FORM = re.compile(r'<form[^>]*id="decision".*?</form>', re.DOTALL)
SEEN = re.compile(r'name="seen" value="(\d+)"')
CHOSEN = re.compile(r'<select[^>]*name="(\w+)"[^>]*>.*?<option value="([^"]*)" selected', re.DOTALL)
PICTURE = re.compile(r'(?:href|src)="(/media/[^"]+)"')


class Reviewer:
    """A browser without eyes: it asks for what a browser asks for and follows what it is told."""

    def __init__(self, url: str, login: str) -> None:
        self.client = httpx.Client(base_url=url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60)
        self.times: defaultdict[str, list[float]] = defaultdict(list)
        self.sizes: list[int] = []
        signed_in = self.client.post("/masuk", data={"login": login, "password": PASSWORD})
        assert signed_in.status_code == 303, signed_in.text

    def ask(self, what: str, method: str, path: str, data: dict[str, str] | None = None) -> httpx.Response:
        """One request, timed."""
        begin = time.perf_counter()
        answer = self.client.request(method, path, data=data)
        self.times[what].append((time.perf_counter() - begin) * 1000)
        assert answer.status_code in {200, 303}, f"{method} {path}: {answer.status_code} {answer.text[:400]}"
        return answer

    def work(self, items: int) -> None:
        """Decide so many items, each the one to which the verdict before led."""
        path = self.ask("next", "POST", "/antrean/berikutnya").headers["location"]
        for number in range(items):
            page = self.ask("item", "GET", path).text
            self.sizes.append(len(page))
            for picture in sorted(set(PICTURE.findall(page))):
                self.ask("picture", "GET", picture.replace("&amp;", "&"))
            form = FORM.search(page)
            assert form is not None, f"nothing to decide on {path}"
            verdict = "confirm" if number % 2 else "dismiss"
            data = {"verdict": verdict, "seen": SEEN.search(form[0])[1], **dict(CHOSEN.findall(form[0]))}  # type: ignore[index]
            path = self.ask("verdict", "POST", path.split("?")[0] + "/putusan", data).headers["location"]


def fill(site_database: str, wanted: int, flags: dict[str, str]) -> None:
    """Copy the sample's items until there are `wanted`."""
    engine = open_engine(site_database)
    with session_factory(engine)() as session:
        originals = [
            session.get_one(Flag, uuid.UUID(flags[name])).submission_id for name in ("strong", "poster", "text")
        ]
        clone(session, originals, wanted)
        session.commit()
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    engine.dispose()


def main() -> None:
    """Serve, fill, work, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flags", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--cluster", action="store_true", help="PostgreSQL instead of SQLite")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite:///{folder / 'netra.db'}"
        if given.cluster:
            url = stack.enter_context(postgres.cluster()).format(name="postgres")
        site = stack.enter_context(serve(folder, processes=2, database=url))
        fill(url, given.flags, site.flags)
        reviewer = Reviewer(site.url, "tinjau")
        reviewer.work(given.items)
        times = {
            what: {"requests": len(found), "median_ms": median(found), "p95_ms": sorted(found)[int(len(found) * 0.95)]}
            for what, found in reviewer.times.items()
        }
        figures = {"flags": given.flags, "items": given.items, "page_bytes": median(reviewer.sizes), "times": times}
        if given.json:
            sys.stdout.write(json.dumps(figures) + "\n")
            return
        kind = "PostgreSQL" if given.cluster else "SQLite"
        sys.stdout.write(
            f"{kind}, {given.flags} flags, {given.items} decided, page {median(reviewer.sizes):.0f} bytes\n"
        )
        for what, one in times.items():
            line = (
                f"{what:8} {one['requests']:5} requests   median {one['median_ms']:7.1f} ms   p95 {one['p95_ms']:7.1f}"
            )
            sys.stdout.write(line + " ms\n")


if __name__ == "__main__":
    main()
