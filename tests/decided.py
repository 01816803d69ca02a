"""Some hundred decided items over a month, with the verdicts that led there: what pages of figures show."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import SYSTEM, Principal
from app.db.base import now
from app.db.event_tables import Event
from app.db.flag_tables import Flag, Screening
from app.db.gold_tables import GoldCase
from app.db.people_tables import User
from app.db.submission_tables import Submission

PLATFORMS = ("instagram", "facebook", "tiktok", "x", "whatsapp")
AGENCIES = ("Dinas Pendidikan", "Dinas Perhubungan", "Dinas Kesehatan", "Kecamatan Embun Hulu", "RSUD Embun")
SMALL_AGENCY = "Kantor Arsip Kecil"
SHARES = {"high": 0.85, "medium": 0.6, "low": 0.25, "none": 0.02}
"""How often people confirm what the machine said so of."""
TEXT = {"field": "caption", "span": [0, 8], "quote": "Unggahan"}
FACE = {"params": {"face": 1, "candidate": "-"}}
HAND = {"params": {"gesture": "peace", "hand": 1, "count": 1, "reading": "number"}}
SIGNALS: dict[str, tuple[tuple[str, str, float, dict[str, Any]], ...]] = {
    "high": (("AJAKAN_KUAT", "text", 4.9, TEXT), ("TAGAR", "text", 1.1, TEXT), ("FACE_MATCH", "face", 2.2, FACE)),
    "medium": (("FACE_MATCH", "face", 2.2, FACE), ("GESTURE", "hand", 2.0, HAND)),
    "low": (("GESTURE", "hand", 2.0, HAND),),
    "none": (("TAGAR", "text", 0.3, TEXT),),
}
SECOND_LOOKS = 0.4


@dataclass
class Decided:
    """Adds items to a migrated database that has the contests and these people; the caller commits."""

    session: Session
    contests: Sequence[tuple[str, Sequence[str]]]
    reviewers: Sequence[str]
    uploader: str
    seed: int = 7
    dice: random.Random = field(init=False)
    flags: list[Flag] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The people, and dice that always fall the same way."""
        self.dice = random.Random(self.seed)
        self.by = self.session.query(User).filter_by(login=self.uploader).one().id
        self.people = [Principal(uuid.uuid4(), login, login, "reviewer") for login in self.reviewers]

    def add(self, items: int, days: int = 28, waiting: float = 0.2, closed: float = 0.1) -> None:
        """`items` flagged posts over the last `days`, of which a share waits and a share of the rest is closed."""
        for number in range(items):
            band = self.dice.choices(("high", "medium", "low"), (3, 3, 4))[0]
            flag = self._raised(band, self.dice.uniform(0.1, days), number)
            if self.dice.random() >= waiting:
                self._judge(flag, band)
                if self.dice.random() < closed:
                    self._act(SYSTEM, "close", flag)
                    flag.state = "closed"
        self.session.flush()

    def add_unflagged(self, items: int, sampled: int, days: int = 28) -> None:
        """Posts that the rules did not flag; the first `sampled` of them were reviewed as a random sample."""
        for number in range(items):
            flag = self._raised("none", self.dice.uniform(0.1, days), number, sampled=number < sampled)
            if flag is not None:
                self._judge(flag, "none")
        self.session.flush()

    def mark_gold(self, count: int, by: str) -> None:
        """Some of the decided items are known cases."""
        for flag in [flag for flag in self.flags if flag.state in ("confirmed", "dismissed")][:count]:
            verdict = "confirm" if flag.state == "confirmed" else "dismiss"
            self.session.add(GoldCase(flag_id=flag.id, verdict=verdict, marked_by=by))
        self.session.flush()

    def _raised(self, band: str, days_ago: float, number: int, sampled: bool = True) -> Any:
        came = now() - timedelta(days=days_ago)
        contest, pairs = self.dice.choice(self.contests)
        low, high = {"high": (0.75, 0.99), "medium": (0.4, 0.75), "low": (0.15, 0.4), "none": (0.03, 0.15)}[band]
        score = self.dice.uniform(low, high)
        pair = self.dice.choice(pairs)
        agency = SMALL_AGENCY if number in (0, 1) else self.dice.choice(AGENCIES)
        post = Submission(
            key=uuid.uuid4().hex, contest_id=contest, platform=self.dice.choice(PLATFORMS), agency=agency,
            text=f"Unggahan contoh {number}", act_date=came.date(), known_date=came.date(), submitted_by=self.by,
            received_at=came, state="screened",
        )  # fmt: skip
        self.session.add(post)
        self.session.flush()
        signals = [
            {"code": code, "kind": kind, "weight": weight, "paslon": pair, "params": {}, "score": 0.9, **more}
            for code, kind, weight, more in SIGNALS[band]
        ]
        screening = Screening(
            submission_id=post.id, pipeline_version="contoh", versions={"rules": "contoh"}, band=band, score=score,
            observations=[], signals=signals, bias=-3.5, pairs=[], timings={}, created_at=came,
        )  # fmt: skip
        self.session.add(screening)
        self.session.flush()
        if not sampled:
            return None
        flag = Flag(
            submission_id=post.id, screening_id=screening.id, contest_id=contest, score=score, paslon_id=pair,
            band="low" if band == "none" else band, origin="sample" if band == "none" else "rules",
            stage="kampanye", track="disiplin", articles=["D7"], due_on=came.date() + timedelta(days=7),
            priority=score, created_at=came, barred=f"|{self.uploader}|",
        )  # fmt: skip
        self.session.add(flag)
        self.session.flush()
        self.flags.append(flag)
        self._act(SYSTEM, "raised", flag)
        return flag

    def _judge(self, flag: Flag, band: str) -> None:
        """The verdicts of one or two people, who err now and then."""
        relevant = self.dice.random() < SHARES[band]
        first, second = self.dice.sample(self.people, 2)
        again = self.dice.random() < SECOND_LOOKS
        said = self._say(first, flag, relevant, second_look=again)
        if said == "dismiss" and not again:
            flag.state, flag.desk = "dismissed", ""
            return
        agreed = self._say(second, flag, relevant) == said
        agreed_state = "confirmed" if said == "confirm" else "dismissed"
        flag.state, flag.desk = (agreed_state, "") if agreed else ("disagreement", "coordinator")

    def _say(self, who: Principal, flag: Flag, relevant: bool, second_look: bool = False) -> str:
        right = self.dice.random() < 0.93
        verdict = "confirm" if relevant == right else "dismiss"
        data: dict[str, Any] = {
            "verdict": verdict, "reason": "other", "note": "contoh yang cukup panjang", "blind": True, "seen": 0,
            "handling_seconds": round(self.dice.lognormvariate(3.2, 0.7), 1),
        }  # fmt: skip
        if verdict == "confirm":
            data |= {"paslon": flag.paslon_id, "article": "D7"}
        else:
            data["second_look"] = second_look
        self._act(who, verdict, flag, **data)
        return verdict

    def _act(self, who: Principal, verb: str, flag: Flag, **data: Any) -> Event:
        event = audit.append(self.session, who, f"flag.{verb}", "flag", flag.id, data)
        flag.last_event = event.id
        return event
