"""What the circumstances make of a post: subject, channel, account, day and children, with the legal basis."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import numpy as np
import pytest

from app.i18n import LANGUAGES, translator
from app.intake.upload import SUBJECT_TYPES
from app.rules.catalogue import act, subject, subjects
from app.rules.circumstances import owner
from app.rules.facts import Facts
from app.rules.notes import Seen, notes
from app.rules.ruleset import LATER, load_rules, own_source, parse_rules
from app.rules.signals import Assessment, PictureEvidence
from app.rules.wording import lane_name, note_text, sanction_text, sentence, summary
from app.text.signals import TextSignal
from app.vision.observations import Face, Observations, TextLine
from tests.unit.situations import RULES, VOTING_DAY, assess, contest, face, hand, pair, picture, says


def sure(signal: TextSignal, confidence: float) -> TextSignal:
    """A finding with the confidence that the text screen has in it."""
    return replace(signal, confidence=confidence)


CADA, ARLIS = "@cada.official", "arlis.muaraembun"
FOUR = contest(
    (replace(pair(1), accounts=(ARLIS,)), pair(2), replace(pair(3), accounts=("cada.official",)), pair(4)),
)
PNS, KADES, PRIVATE = Facts("pns"), Facts("kades"), Facts("pns", public="no")
V, THUMB, GUN, FIST = hand("peace"), hand("thumb_up"), hand("gun_L"), hand("fist")
CALL_1 = (says("AJAKAN_KUAT", 1), says("NOMOR", 1))
CHEERS = (sure(says("DUKUNGAN", None, "Sukses Pak"), 0.4), sure(says("EMOJI_DUKUNGAN"), 0.6))
CLAIM = (
    sure(says("SURVEI", 2, "71%"), 0.9), says("NOMOR", 2), sure(says("DUKUNGAN", 2, "unggul"), 0.75),
    sure(says("BERITA"), 0.7),
)  # fmt: skip


def jersey(number: str = "2", x: float = 40, y: float = 200) -> PictureEvidence:
    """Somebody (a face 80 wide, 100 high) with a number read on or off the body."""
    corners = np.array([(x, y), (x + 30, y), (x + 30, y + 40), (x, y + 40)], np.float32)
    seen = Face((10.0, 10.0, 90.0, 110.0), np.zeros((5, 2), np.float32), 0.9)
    return PictureEvidence(Observations(800, 600, (seen,), (), (TextLine(number, 0.98, corners),)), (face("?")[1],))


# situation, evidence, day from voting, facts -> band, pair, lane, track, candidate articles
TABLE = [
    ("D01 wedding: candidate and V", [picture(face("2a"), V)], -40, PNS, "high", "p2", "netralitas", "disiplin", "D7"),
    ("D02 parade: fists", [picture(*[FIST] * 20)], -38, PNS, "none", None, "netralitas", "disiplin", ""),
    ("D03 training: thumb", [picture(THUMB)], -37, PNS, "low", "p1", "netralitas", "disiplin", ""),
    ("D04 Situbondo: finger gun", [picture(GUN)], -36, PNS, "medium", "p2", "netralitas", "disiplin", ""),
    ("a finger gun and an allusion", [picture(GUN), says("IMPLISIT")], -36, PNS, "medium", "p2", "netralitas",
     "disiplin", "D6"),
    ("D05 Bekasi: a number on a jersey", [jersey()], -35, PNS, "low", "p2", "netralitas", "disiplin", ""),
    ("a jersey of nobody known", [jersey()], -35, Facts(), "none", "p2", "netralitas", "disiplin", ""),
    ("a number beside the body", [jersey(x=400)], -35, PNS, "none", None, "netralitas", "disiplin", ""),
    ("a jersey with another number", [jersey("27")], -35, PNS, "none", None, "netralitas", "disiplin", ""),
    ("a jersey before the drawing", [jersey()], -80, PNS, "none", None, "netralitas", "kode_etik", ""),
    ("D06 before the drawing", [picture(face("2a"), V)], -80, PNS, "medium", "p2", "netralitas", "kode_etik", "E5"),
    ("D07 text call", [says("AJAKAN_KUAT", 3), says("NOMOR", 3)], -30, PNS, "high", "p3", "netralitas", "disiplin",
     "D2 D8 D6"),
    ("D09 comment on a registered account", [*CHEERS], -27, Facts("pns", parent=ARLIS), "medium", "p1",
     "netralitas", "disiplin", "D6 D2"),
    ("the same comment elsewhere", [*CHEERS], -27, PNS, "none",
     None, "netralitas", "disiplin", ""),
    ("a comment that names another pair", [says("DUKUNGAN", 2), says("NAMA", 2)], -27, Facts("pns", parent=ARLIS),
     "high", "p2", "netralitas", "disiplin", "D2 D6"),
    ("D10 private channel: a call", [*CALL_1], -25, PRIVATE, "high", "p1", "netralitas", "disiplin", "D8 D2 D6"),
    ("private channel: candidate and V", [picture(face("2a"), V)], -25, PRIVATE, "high", "p2", "netralitas",
     "disiplin", ""),
    ("D11 survey graphic", [picture(*CLAIM)], -22, Facts(), "medium", "p2", "hoaks_survei", "disiplin", "UU132"),
    ("a survey beside a call", [*CLAIM, says("AJAKAN_KUAT", 2)], -22, PNS, "high", "p2", "netralitas", "disiplin",
     "D2 D8 D6"),
    ("D12 registered account in masa tenang", [], -2, Facts(handle=CADA), "high", "p3", "masa_tenang", "disiplin",
     "UU187"),
    ("the same account in the campaign", [], -20, Facts(handle=CADA), "none", None, "netralitas", "disiplin", ""),
    ("D13 grey face", [picture(face("3a", "possible"))], -20, PNS, "low", "p3", "netralitas", "disiplin", ""),
    ("D14 candidate", [picture(face("1b"))], -19, PNS, "medium", "p1", "netralitas", "disiplin", ""),
    ("D14 candidate and children", [picture(face("1b"))], -19, Facts("pns", children=True), "high", "p1", "netralitas",
     "disiplin", ""),
    ("children and nothing else", [picture()], -19, Facts("pns", children=True), "none", None, "netralitas",
     "disiplin", ""),
    ("D16 village head", [picture(face("4a"), hand("four"))], -17, KADES, "high", "p4", "netralitas", "non_asn",
     "UUP71 UUDESA29"),
    ("a soldier's call", [*CALL_1], -17, Facts("tni"), "high", "p1", "netralitas", "non_asn", "UUTNI39 UUP71"),
    ("a police officer's praise", [says("PUJIAN", 1), says("NAMA", 1)], -17, Facts("polri"), "medium", "p1",
     "netralitas", "non_asn", "UUPOL28 UUP71"),
    ("an organiser's call", [*CALL_1], -17, Facts("penyelenggara"), "high", "p1", "netralitas", "non_asn", "DKPP2"),
    ("a regional official's call", [*CALL_1], -17, Facts("pejabat"), "high", "p1", "netralitas", "non_asn", "UUP71"),
    ("a camat's call", [*CALL_1], -17, Facts("lurah_camat"), "high", "p1", "netralitas", "disiplin", "UUP71 D2 D8 D6"),
    ("an employee without status", [*CALL_1], -17, Facts("ppnpn"), "high", "p1", "netralitas", "disiplin", "D2 D8 D6"),
    ("D17 two fingers", [picture(V)], -15, PNS, "medium", "p2", "netralitas", "disiplin", ""),
    ("the track that a reviewer chose", [*CALL_1], -30, Facts("pns", track="kode_etik"), "high", "p1", "netralitas",
     "kode_etik", "E2 D8 E4"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "day", "facts", "band", "paslon", "lane", "track", "articles"),
    [row[1:] for row in TABLE],
    ids=[str(row[0]) for row in TABLE],
)
def test_situation(
    parts: list, day: int, facts: Facts, band: str, paslon: str | None, lane: str, track: str, articles: str
) -> None:
    found = assess(*parts, day=day, within=FOUR, facts=facts)
    assert (found.band, found.paslon, found.lane, found.track) == (band, paslon, lane, track)
    assert " ".join(found.articles) == articles
    for signal in found.signals:
        for language in LANGUAGES:
            assert sentence(signal, FOUR, language).endswith(".")


def codes(found: Assessment, facts: Facts, act: int = -20, known: int = -20, **more: object) -> list[str]:
    """The notes to the reviewer."""
    days = [VOTING_DAY + timedelta(days=day) for day in (act, known)]
    return [note.code for note in notes(found, facts, FOUR, Seen(*days, **more))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "facts", "more", "expected"),
    [
        ([*CALL_1], PNS, {}, []),
        ([*CALL_1], PRIVATE, {}, ["PRIVATE"]),
        ([picture(face("4a"), hand("four"))], KADES, {}, ["NOT_DECREE"]),
        ([picture(V)], PNS, {}, ["NO_ARTICLE"]),
        ([picture(face("3a", "possible"))], PNS, {}, ["NO_ARTICLE", "GREY_FACE"]),
        ([picture(face("3a", "possible"), face("3b"), hand("three"))], PNS, {}, []),
        ([*CALL_1], Facts("pns", children=True), {}, ["CHILDREN"]),
        ([*CLAIM], Facts(), {}, ["LANE_hoaks_survei"]),
        ([*CALL_1], PNS, {"act": -80, "known": -33}, ["DATES"]),
        ([*CALL_1], PNS, {"act": -34, "known": -33}, []),
        ([*CALL_1], PNS, {"taken": (VOTING_DAY - timedelta(days=80),)}, ["CAMERA"]),
        ([*CALL_1], PNS, {"taken": (VOTING_DAY - timedelta(days=20),)}, []),
        ([*CALL_1], PNS, {"recheck": (datetime(2026, 11, 1, 5, 0, tzinfo=UTC), False)}, ["GONE"]),
        ([*CALL_1], PNS, {"recheck": (datetime(2026, 11, 1, 5, 0, tzinfo=UTC), True), "corrected": True},
         ["CORRECTED", "STILL_THERE"]),
    ],
)  # fmt: skip
def test_notes_to_the_reviewer(parts: list, facts: Facts, more: dict, expected: list[str]) -> None:
    found = assess(*parts, within=FOUR, facts=facts)
    assert codes(found, facts, **more) == expected


def test_notes_are_worded_with_days_and_clocks() -> None:
    found = assess(*CALL_1, within=FOUR, facts=KADES)
    looked = (datetime(2026, 11, 1, 5, tzinfo=UTC), False)
    seen = Seen(date(2026, 9, 20), date(2026, 11, 1), (date(2026, 9, 19),), False, looked)
    said = {note.code: note_text(note, "id", "Asia/Makassar") for note in notes(found, KADES, FOUR, seen)}
    assert "kepala desa" in said["NOT_DECREE"]
    assert "20 Sep 2026" in said["DATES"]
    assert "19 Sep 2026" in said["CAMERA"]
    assert "13.00 WITA" in said["GONE"]


def test_a_lane_is_said_in_the_summary() -> None:
    found = assess(within=FOUR, day=-2, facts=Facts(handle=CADA))
    assert "bukan kasus ASN" in summary(found, FOUR, "id")
    assert "quiet period" in summary(found, FOUR, "en")


def test_a_known_subject_is_one_hint_among_others() -> None:
    hints = [says(code, None, f"{code} {index}") for code in ("IMPLISIT", "AJAKAN_KUAT") for index in range(5)]
    assert assess(picture(V, GUN), *hints, facts=PNS).band == "medium"
    assert "pegawai" not in summary(assess(picture(V), facts=PNS), contest(), "id")


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_circumstances_weigh_the_same_for_every_pair(number: int) -> None:
    within = contest(tuple(replace(pair(n), accounts=(f"akun{n}",)) for n in (1, 2, 3, 4)))
    for facts, parts in (
        (Facts("pns", parent=f"@akun{number}"), (says("DUKUNGAN"),)),
        (Facts("pns", children=True), (picture(face(f"{number}a")),)),
        (Facts(), (says("SURVEI", number), says("NOMOR", number))),
    ):
        first = replace(facts, parent=facts.parent and "@akun1")
        own = (
            (says("DUKUNGAN"),)
            if facts.parent
            else ((picture(face("1a")),) if facts.children else (says("SURVEI", 1), says("NOMOR", 1)))
        )
        found, reference = assess(*parts, within=within, facts=facts), assess(*own, within=within, facts=first)
        assert (found.score, found.band, found.lane) == (reference.score, reference.band, reference.lane)
        assert found.paslon == f"p{number}"


@pytest.mark.parametrize(
    "written", ["cada.official", "@CADA.official", " https://www.instagram.com/cada.official/ ", "x.com/@cada.official"]
)
def test_an_account_is_known_however_it_is_written(written: str) -> None:
    found = owner(FOUR, written)
    assert found is not None
    assert found.id == "p3"
    assert owner(FOUR, "cada.official.id") is None
    assert owner(FOUR, "") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_subject_and_lane_has_words_and_its_own_sanction(language: str) -> None:
    assert [item.code for item in subjects()] == list(SUBJECT_TYPES)
    for item in subjects():
        assert translator(language).has(f"subject.{item.code}")
    for lane in ("netralitas", "hoaks_survei", "masa_tenang"):
        assert lane_name(lane, language)
    severe = {code: sanction_text(act("D7").sanction, language, code) for code in ("pns", "pppk", "ppnpn", "unknown")}
    assert len(set(severe.values())) == 4
    assert "PP 94/2021" in severe["pns"]
    assert "49/2018" in severe["pppk"]


def test_an_unknown_kind_of_subject_is_nobody_in_particular() -> None:
    assert subject("dukun") == subject("unknown")


def test_rules_published_before_the_circumstances_still_apply() -> None:
    older = "\n".join(line for line in own_source().splitlines() if not line.startswith(LATER))
    rules = parse_rules(older.encode())
    assert rules.weights == RULES.weights
    assert rules.families == MappingProxyType(dict(RULES.families))
    assert rules.version != load_rules().version
