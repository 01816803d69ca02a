"""A small language for rule tests: a fictional contest, and evidence put together from faces, hands and words."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from app.election.contest import Candidate, Contest, Paslon
from app.rules.facts import Facts
from app.rules.judge import NO_FACTS, judge
from app.rules.ruleset import load_rules
from app.rules.signals import Assessment, Evidence, PictureEvidence
from app.text.signals import CONTEXT_CODES, TextSignal
from app.vision.gallery import FaceMatch, MatchBand
from app.vision.observations import Face, Hand, Observations, TextLine

VOTING_DAY = date(2026, 12, 9)
RULES = load_rules()
NAMES = (
    ("Arman Dipasena", "Lilis Wiramukti"), ("Bagus Tirtamaya", "Nirmala Sekarwati"),
    ("Cakra Wisanggeni", "Dahlia Purnamarga"), ("Ratna Kusumayuda", "Yusran Bentala"),
    ("Surya Adiwangsa", "Tiara Lembayung"), ("Umar Pradipta", "Wening Larasati"),
)  # fmt: skip
SCORES = {"strong": 0.71, "possible": 0.6, "review": 0.53, "none": 0.2, "too_small": None}


def pair(number: int, *, drawn: bool = True, salam: tuple[str, ...] = ()) -> Paslon:
    """Pair p<number> with candidates <number>a and <number>b."""
    people = tuple(Candidate(f"{number}{side}", name) for side, name in zip("ab", NAMES[number - 1], strict=True))
    return Paslon(f"p{number}", number if drawn else None, people, salam=salam)


def contest(pairs: int | tuple[Paslon, ...] = 4, **changes: object) -> Contest:
    """A pilkada of four pairs, or as many as asked for."""
    paslon = tuple(map(pair, range(1, pairs + 1))) if isinstance(pairs, int) else pairs
    values = {"id": "muara-embun", "name": "Pilbup Muara Embun", "region_code": "99.01", "region_name": "Muara Embun"}
    return Contest(**{**values, "voting_day": VOTING_DAY, "paslon": paslon, **changes})


def kolom_kosong() -> Contest:
    """A single pair against the empty column."""
    return contest((pair(1), Paslon("p2", 2, ())))


def face(who: str, band: MatchBand = "strong") -> tuple[Face, FaceMatch]:
    """A face matched to a candidate ("2a"); "?" is nobody's."""
    seen = Face((10.0, 10.0, 90.0, 110.0), np.zeros((5, 2), np.float32), 0.9)
    if who == "?":
        return seen, FaceMatch("none", None, 0.2)
    return seen, FaceMatch(band, who, SCORES[band], 0.1, f"photo-{who}")


def hand(name: str, *, readable: bool = True, confidence: float = 0.9, owner: int | None = None) -> Hand:
    """A hand that shows a gesture."""
    points = np.zeros((21, 2), np.float32)
    return Hand((100.0, 50.0, 160.0, 120.0), points, "00000", name, confidence, 0.95, 0.8, True, readable, owner)


def says(code: str, number: int | None = None, quote: str = "", direction: str | None = None) -> TextSignal:
    """A text signal about pair p<number>; intents are pro unless told."""
    intents = {
        "AJAKAN_KUAT", "AJAKAN_LEMAH", "DUKUNGAN", "PUJIAN", "EMOJI_DUKUNGAN", "KEGIATAN", "GRUP", "IMPLISIT",
    }  # fmt: skip
    directions = {"SERANGAN": "contra", "MENGHALANGI": "hinder"} | dict.fromkeys(intents, "pro")
    quote = quote or f"{code.lower()} {number or ''}".strip()
    turned = None if code in CONTEXT_CODES else direction or directions.get(code)
    return TextSignal(code, 0, len(quote), quote, number and f"p{number}", turned)


def picture(*things: object) -> PictureEvidence:
    """A picture with faces, hands and words in it."""
    faces = [thing for thing in things if isinstance(thing, tuple)]
    hands = tuple(thing for thing in things if isinstance(thing, Hand))
    words = [thing for thing in things if isinstance(thing, TextSignal)]
    corners = np.array([(0, 0), (50, 0), (50, 10), (0, 10)], np.float32)
    lines = tuple(TextLine(word.quote, 0.99, corners) for word in words)
    seen = Observations(800, 600, tuple(seen for seen, _ in faces), hands, lines)
    return PictureEvidence(seen, tuple(match for _, match in faces), tuple(enumerate(words)))


def evidence(*parts: object) -> Evidence:
    """Pictures and words of the caption."""
    pictures = tuple(part for part in parts if isinstance(part, PictureEvidence))
    return Evidence(pictures, tuple(part for part in parts if isinstance(part, TextSignal)))


def assess(*parts: object, day: int = -30, within: Contest | None = None, facts: Facts = NO_FACTS) -> Assessment:
    """Judge a post made `day` days from voting day."""
    return judge(evidence(*parts), within or contest(), VOTING_DAY + timedelta(days=day), RULES, facts)
