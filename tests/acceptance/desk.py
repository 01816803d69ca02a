"""What the people of the scenario do, all of it through the API: hand in, decide, ask, correct, appeal, hand over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
from fastapi.testclient import TestClient

from app import audit
from app.db.flag_tables import Flag
from app.db.submission_tables import Submission
from app.roster.gallery import load_contest
from app.rules.judge import judge
from app.rules.ruleset import load_rules
from app.rules.signals import Evidence, PictureEvidence
from app.screening.facts import facts_of
from app.screening.pipeline import Screened, pipeline_version
from app.screening.record import record
from app.text.registry import compile_registry
from app.text.screen import screen_text
from tests.api import people
from tests.api.world import CONTEST, World

Item = dict[str, Any]
A, B, C, D, COORDINATOR = "reviewer.a", "reviewer.b", "reviewer.c", "reviewer.d", "coordinator"


@dataclass(frozen=True)
class Desk:
    """The application, and the day on which people vote."""

    world: World
    voting_day: date

    def day(self, offset: int) -> str:
        """A day counted from voting day."""
        return (self.voting_day + timedelta(days=offset)).isoformat()

    def at(self, login: str) -> TestClient:
        """A person's browser."""
        return self.world.browser(login)

    # -- coming in --------------------------------------------------------------------------------------------------

    def hand_in(self, act: int, known: int, text: str = "", images: tuple[bytes, ...] = (), **fields: str) -> str:
        """A post through the real intake, as its supervisor would hand it in; its submission. Not screened yet."""
        given = {"subject_type": "pns", "platform": "instagram"} | fields
        days = {"act_date": self.day(act), "known_date": self.day(known)}
        answer = self.world.submit(text, images, **days, **given)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def screened(self, act: int, known: int, text: str = "", images: tuple[bytes, ...] = (), **fields: str) -> Item:
        """A post through the real intake and the real screening job; the item, empty where nothing was flagged."""
        submission = self.hand_in(act, known, text, images, **fields)
        self.world.screen_now()
        return self.item_of(submission)

    def observed(self, picture: PictureEvidence, act: int, known: int, text: str, image: bytes, **fields: str) -> Item:
        """A post through the real intake whose recognition is put in: nobody can be recognised in a made picture.

        The job's other halves are real: the text screen, the rules, the writing of result, event and flag."""
        submission_id = self.hand_in(act, known, text, (image,), **fields)
        models = self.world.services.models
        with self.world.services.sessions() as session:
            row = session.query(Submission).filter_by(state="queued").one()
            contest = load_contest(session, CONTEST)
            evidence = Evidence((picture,), screen_text(row.text, compile_registry(contest)))
            found = judge(evidence, contest, row.act_date, load_rules(), facts_of(row))
            version, versions = pipeline_version(models), {"models": models.pack, "rules": found.rules_version}
            record(session, row.id, row.attempt, version, versions, Screened(found, evidence, (), {}))
            session.commit()
        return self.item_of(submission_id)

    def item_of(self, submission: str) -> Item:
        """The item of a submission as a reviewer sees it."""
        answer = self.at(A).get(f"/api/v1/submissions/{submission}").json()
        assert answer["state"] == "screened", answer
        return self.read(answer["flag"]["id"]) if answer["flag"] else {}

    # -- looking ----------------------------------------------------------------------------------------------------

    def read(self, flag_id: str, login: str = A) -> Item:
        """The item as this person sees it."""
        return people.read(self.at(login), flag_id)

    def listed(self, **filters: str) -> list[str]:
        """The ids of the queue."""
        return [row["id"] for row in self.at(A).get("/api/v1/flags", params=filters).json()["items"]]

    def audit_is_whole(self) -> bool:
        """Whether the chain of events verifies."""
        with self.world.services.sessions() as session:
            return audit.verify(session).broken_at is None

    # -- acting -----------------------------------------------------------------------------------------------------

    def act(self, login: str, flag_id: str, what: str, expect: int = 201, **body: Any) -> Item:
        """An act on the item by somebody who has just read it; the item afterwards."""
        seen = self.read(flag_id, login)["last_event"]
        answer = people.act(self.at(login), flag_id, what, **({"seen": seen} | body))
        assert answer.status_code == expect, answer.text
        return self.read(flag_id, login)

    def confirm(self, flag_id: str, *logins: str, article: str | None = None, reason: str = "campaign_text") -> Item:
        """Confirmations by these people, one after the other."""
        for login in logins:
            choice = {"article": article} if article else {}
            self.act(login, flag_id, "decisions", verdict="confirm", reason=reason, **choice)
        return self.read(flag_id)

    def dismiss(self, flag_id: str, login: str, reason: str, note: str = "") -> Item:
        """A dismissal."""
        return self.act(login, flag_id, "decisions", verdict="dismiss", reason=reason, note=note)

    def appeal(self, flag_id: str, note: str, document: bytes, login: str = COORDINATOR) -> Item:
        """An objection with its document."""
        seen = str(self.read(flag_id, login)["last_event"])
        files = {"document": ("keberatan.pdf", document, "application/pdf")}
        answer: httpx.Response = self.at(login).post(
            f"/api/v1/flags/{flag_id}/appeals", files=files, data={"note": note, "seen": seen}
        )
        assert answer.status_code == 201, answer.text
        return self.read(flag_id, login)

    def row(self, flag_id: str) -> Flag:
        """The flag's row, from which the queue reads."""
        with self.world.services.sessions() as session:
            return next(row for row in session.query(Flag).all() if str(row.id) == flag_id)


def articles(item: Item) -> list[str]:
    """The codes of the kandidat pasal, the suggested one first."""
    return [article["code"] for article in item["articles"]]


def notes(item: Item) -> set[str]:
    """The codes of the notes to the reviewer."""
    return {note["code"] for note in item["notes"]}


def codes(item: Item) -> set[str]:
    """The codes of the signals."""
    return {signal["code"] for signal in item["signals"]}


def story(item: Item) -> list[str]:
    """The acts of the time line."""
    return [event["action"] for event in item["events"]]
