"""Eight reviewers at one queue: real server processes, `next` and `decide` without a pause, on each database.

A minute each, whatever else runs: the servers give way to the tests beside them."""

from __future__ import annotations

import os
import random
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app import audit
from app.api.deps import COOKIE
from app.auth.sessions import fingerprint
from app.db.base import now
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.people_tables import User, UserSession
from app.review.workflow import VERDICTS, replay
from tests import forked
from tests.bulk import fill

SECONDS = float(os.environ.get("HAMMER_SECONDS", "60"))
REVIEWERS, PROCESSES, FLAGS = 8, 2, 20_000
SECOND_LOOKS = "0.3"
REASON = {"confirm": "campaign_text", "dismiss": "duplicate"}


@dataclass
class Reviewer:
    """One person at work: what the server acknowledged to them, and how often it refused."""

    login: str
    client: httpx.Client
    dice: random.Random
    decided: dict[int, tuple[str, str]] = field(default_factory=dict)
    undone: set[int] = field(default_factory=set)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)

    def post(self, what: str, path: str, **body: object) -> httpx.Response:
        """A request whose answer is counted; a fault of the server ends the test."""
        answer = self.client.post(path, **body)  # type: ignore[arg-type]
        self.statuses[what, answer.status_code] += 1
        assert answer.status_code < 500, (what, answer.status_code, answer.text)
        return answer

    def work(self, until: float) -> None:
        """Take, decide, sometimes skip, undo, or press twice, until the time is over."""
        skipped: str | None = None
        while time.monotonic() < until:
            given = self.post("next", "/api/v1/flags/next", params={"skip": skipped} if skipped else {}).json()
            skipped = None
            if given is None:
                continue
            if self.dice.random() < 0.1:
                skipped = given["id"]
                continue
            self.decide(given)

    def decide(self, item: dict[str, object]) -> None:
        """A verdict on a held item; now and then the same again, which must be refused, or an undo."""
        verdict = self.dice.choice(VERDICTS)
        body = {"verdict": verdict, "reason": REASON[verdict], "seen": item["last_event"]}
        if verdict == "confirm":
            body |= {"paslon": f"{item['contest']}/1", "article": "D6"}
        path = f"/api/v1/flags/{item['id']}"
        answer = self.post("decide", f"{path}/decisions", json=body)
        if answer.status_code == 409:
            return  # the first reviewer took their verdict back while this one looked: the claim fell with it
        assert answer.status_code == 201, answer.text
        event = answer.json()["event"]
        self.decided[event] = (str(item["id"]), verdict)
        luck = self.dice.random()
        if luck < 0.1:
            again = self.post("again", f"{path}/decisions", json=body)
            assert again.status_code in {403, 409}, again.text
        elif luck < 0.15:
            taken_back = self.post("undo", f"{path}/undo", json={"seen": event})
            if taken_back.status_code == 201:
                self.undone.add(event)


def cookies(sessions: sessionmaker[Session], count: int) -> dict[str, str]:
    """New reviewers, signed in: the value of each one's cookie."""
    made = {}
    with sessions() as session:
        for number in range(count):
            user = User(login=f"peninjau{number}", name="P", role="reviewer", password_hash="")
            session.add(user)
            session.flush()
            made[user.login] = uuid.uuid4().hex
            until = now() + timedelta(hours=1)
            session.add(UserSession(token_hash=fingerprint(made[user.login]), user_id=user.id, expires_at=until))
        session.commit()
    return made


def environment(url: str, folder: Path) -> dict[str, str]:
    """What the server processes are told."""
    chosen = {
        "DATABASE_URL": url, "DATA_DIR": str(folder), "EMBEDDED_WORKER": "false", "LOG_LEVEL": "WARNING",
        "SECOND_LOOK_SHARE": SECOND_LOOKS,
    }  # fmt: skip
    return os.environ | {f"NETRA_{name}": value for name, value in chosen.items()}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_eight_reviewers_at_one_queue(
    database_url: str,
    sessions: sessionmaker[Session],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    with sessions() as session:
        fill(session, FLAGS)
    people = cookies(sessions, REVIEWERS)
    told = environment(database_url, tmp_path)
    with forked.serving(told, tmp_path / "server.log", PROCESSES, patience=5) as address:
        crew = [
            Reviewer(
                login,
                httpx.Client(
                    base_url=address, cookies={COOKIE: value}, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60
                ),
                random.Random(login),
            )
            for login, value in people.items()
        ]
        until = time.monotonic() + SECONDS
        with ThreadPoolExecutor(REVIEWERS) as pool:
            for done in [pool.submit(one.work, until) for one in crew]:
                done.result()
    with sessions() as session:
        check(session, crew)
    statuses = sum((one.statuses for one in crew), Counter[tuple[str, int]]())
    assert statuses["decide", 409] < statuses["decide", 201] / 10, statuses
    record_property("answers", str(statuses))


def check(session: Session, crew: list[Reviewer]) -> None:
    """The chain holds, nothing acknowledged is missing, nothing was decided twice, and every row says what its events
    say: `replay` refuses a claim on a held item and a verdict on a decided one."""
    verification = audit.verify(session)
    assert verification.broken_at is None, verification
    acts: defaultdict[str, list[Event]] = defaultdict(list)
    for event in session.scalars(select(Event).where(Event.object_type == "flag").order_by(Event.id)):
        acts[event.object_id].append(event)

    verdicts = {event.id: event for found in acts.values() for event in found if event.action[5:] in VERDICTS}
    undos = {event.data["undoes"] for found in acts.values() for event in found if event.action == "flag.undo"}
    told = {event: (one.login, *what) for one in crew for event, what in one.decided.items()}
    assert {key: (one.actor, one.object_id, one.action[5:]) for key, one in verdicts.items()} == told
    assert undos == set().union(*(one.undone for one in crew))
    assert len(told) > 50 * min(SECONDS / 60, 1), "hardly anything was decided"

    rows = {str(flag.id): flag for flag in session.scalars(select(Flag).where(Flag.id.in_(map(uuid.UUID, acts))))}
    for flag_id, events in acts.items():
        case, row = replay(events), rows[flag_id]
        assert (row.state, row.claimed_by, row.last_event) == (case.state, case.holder, case.last_event)
        standing = [one.actor for one in case.verdicts]
        assert len(standing) == len(set(standing)) <= 2, (flag_id, standing)
        assert (case.base in {"confirmed", "dismissed"}) <= bool(standing)
