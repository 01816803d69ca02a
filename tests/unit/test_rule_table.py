"""The readable table of rule_table.md: realistic captions through the text screen, faces and hands put in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from app.election.contest import Candidate, Contest, Paslon
from app.i18n import LANGUAGES
from app.roster.file import contest_of, parse_roster
from app.rules.facts import Facts
from app.rules.judge import judge
from app.rules.signals import Assessment, Evidence, PictureEvidence
from app.rules.wording import sentence, summary
from app.screening.pictured_text import screen_lines
from app.text.registry import Registry, compile_registry
from app.text.screen import screen_text
from app.vision.gallery import FaceMatch
from app.vision.observations import Face, Hand, Observations, TextLine
from tests.unit.situations import NAMES, RULES, VOTING_DAY, hand
from tests.unit.situations import face as situation_face

TABLE = Path(__file__).with_name("rule_table.md")
SUBJECTS = ("pns", "pppk", "ppnpn", "tni", "polri", "kades", "lurah_camat", "bumn", "pejabat", "penyelenggara")
SURENESS = {"": "strong", "grey": "possible", "weak": "review"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, as it is written."""

    situation: str
    caption: str
    picture: str
    facts: str
    day: str
    contest: str
    band: str
    pair: str
    direction: str
    act: str


def rows() -> list[Row]:
    """Every line but the head."""
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == len(Row.__dataclass_fields__) and not cells[0].startswith("--"):
            found.append(Row(*cells))
    return found[1:]


@cache
def muara_embun() -> Contest:
    """The demo's contest."""
    document = json.loads(files("app.demo").joinpath("data/roster.json").read_text(encoding="utf-8"))
    roster = parse_roster(document)
    contest = contest_of(roster, roster.contests[0])
    return replace(contest, voting_day=VOTING_DAY)


def more(number: int) -> Paslon:
    """A pair beyond the demo's four."""
    pair_id = f"muara-embun/{number}"
    people = tuple(Candidate(f"{pair_id}/{place}", name) for place, name in enumerate(NAMES[number - 1], 1))
    return Paslon(pair_id, number, people)


@cache
def contest(name: str) -> Contest:
    """A contest by its name in the table."""
    four = muara_embun()
    first, second, third, _ = four.paslon
    return {
        "": four,
        "four": four,
        "six": replace(four, paslon=(*four.paslon, more(5), more(6))),
        "single": replace(four, paslon=(first, Paslon("muara-embun/2", 2, ()))),
        "undrawn": replace(four, paslon=tuple(replace(pair, number=None) for pair in four.paslon)),
        "salute": replace(four, paslon=(replace(first, salam=("metal",)), *four.paslon[1:])),
        "presidential": replace(four, kind="pemilu", paslon=(first, second, third)),
    }[name]


@cache
def registry(name: str) -> Registry:
    """The words of a contest."""
    return compile_registry(contest(name))


def seen_face(words: str) -> tuple[Face, FaceMatch]:
    """ "2a grey" -> the face of that candidate in that band."""
    who, _, sure = words.partition(" ")
    face, match = situation_face(who, SURENESS[sure])  # type: ignore[arg-type]
    if who == "?":
        return face, match
    return face, replace(match, candidate=f"muara-embun/{who[0]}/{'ab'.index(who[1]) + 1}")


def seen_hand(words: str) -> Hand:
    """ "peace of 1" -> that pose of the first face."""
    name, _, owner = words.partition(" of ")
    return hand(name, owner=int(owner) - 1 if owner else None)


def line_at(text: str, x: float, y: float) -> TextLine:
    """A line of text read at a place."""
    corners = np.array([(x, y), (x + 60, y), (x + 60, y + 30), (x, y + 30)], np.float32)
    return TextLine(text, 0.98, corners)


def picture(words: str, names: Registry) -> PictureEvidence:
    """A picture as the table tells it."""
    faces, hands, lines = [], [], []
    for thing in filter(None, (part.strip() for part in words.split(";"))):
        kind, _, rest = thing.partition(" ")
        many = re.fullmatch(r"(\d+)x (.+)", rest)
        count, rest = (int(many[1]), many[2]) if many else (1, rest)
        if kind == "face":
            faces += [seen_face(rest)] * count
        elif kind == "hand":
            hands += [seen_hand(rest)] * count
        elif kind == "shirt":
            lines.append(line_at(rest, 20, 220))
        else:
            lines.append(line_at(thing.strip('"'), 400, 30 * (1 + len(lines))))
    seen = Observations(800, 600, tuple(face for face, _ in faces), tuple(hands), tuple(lines))
    return PictureEvidence(seen, tuple(match for _, match in faces), screen_lines(tuple(lines), names, seen.height))


def facts(words: str) -> Facts:
    """What is stated of a post."""
    found = Facts()
    for part in filter(None, (part.strip() for part in words.split(";"))):
        kind, _, account = part.partition(" ")
        changes = {
            "account": {"handle": account}, "under": {"parent": account}, "private": {"public": "no"},
            "children": {"children": True}, "ethics": {"track": "kode_etik"},
        }  # fmt: skip
        found = replace(found, **changes.get(kind, {"subject_type": part}))
    assert found.subject_type in ("unknown", *SUBJECTS)
    return found


def judged(row: Row) -> Assessment:
    """The row through text screen and rules."""
    names = registry(row.contest)
    pictures = tuple(picture(one, names) for one in row.picture.split("//") if one.strip())
    evidence = Evidence(pictures, screen_text(row.caption, names))
    on = VOTING_DAY + timedelta(days=int(row.day))
    return judge(evidence, contest(row.contest), on, RULES, facts(row.facts))


def outcome(row: Row) -> tuple[str, str, str, str]:
    """Band, pair, direction and first act, as the table writes them."""
    found = judged(row)
    pair = contest(row.contest).by_id(found.paslon) if found.paslon else None
    name = "-" if pair is None else pair.id.rsplit("/", 1)[-1]
    return found.band, name, found.direction or "-", found.articles[0] if found.articles else "-"


@pytest.mark.parametrize("row", rows(), ids=[row.situation for row in rows()])
def test_row(row: Row) -> None:
    found = judged(row)
    assert outcome(row) == (row.band, row.pair, row.direction, row.act), [(s.code, s.weight) for s in found.signals]
    within = contest(row.contest)
    for language in LANGUAGES:
        assert summary(found, within, language)
        for signal in found.signals:
            assert sentence(signal, within, language).endswith((".", "!", "?"))


def test_the_table_is_long_enough_and_says_each_situation_once() -> None:
    situations = [row.situation for row in rows()]
    assert len(situations) >= 60
    assert len(set(situations)) == len(situations)
