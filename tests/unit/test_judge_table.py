"""Situations and what the rules make of them: one row per situation, the precedents of real cases among them."""

from __future__ import annotations

import pytest

from app.election.contest import Contest
from app.rules.signals import Band
from tests.unit.situations import assess, contest, face, hand, kolom_kosong, pair, picture, says

FOUR, SIX, KOSONG = contest(), contest(6), kolom_kosong()
SALAM = contest((pair(1, salam=("metal",)), pair(2), pair(3), pair(4)))
FIST = contest((pair(1, salam=("fist",)), pair(2)))
UNDRAWN = contest(tuple(pair(number, drawn=False) for number in (1, 2, 3)))

call_3 = (says("AJAKAN_KUAT", None, "Ayo coblos"), says("NOMOR", 3, "nomor 3"))
V, THUMB, GUN, FISTED = hand("peace"), hand("thumb_up"), hand("gun_L"), hand("fist")

# situation, evidence, day from voting, contest -> band, pair, direction, first candidate article
TABLE = [
    # nothing, and what is never a flag by itself
    ("an empty post", [], -30, FOUR, "none", None, None, None),
    ("a face that is nobody's", [picture(face("?"))], -30, FOUR, "none", None, None, None),
    ("a hand that is not readable", [picture(hand("peace", readable=False))], -30, FOUR, "none", None, None, None),
    ("relaxed and other hands", [picture(hand("relaxed"), hand("other"))], -30, FOUR, "none", None, None, None),
    ("a finger heart is a hint only", [picture(hand("finger_heart"))], -30, FOUR, "none", "p2", "pro", None),
    ("horns are a guess only", [picture(hand("horns"))], -30, FOUR, "none", "p2", "pro", None),
    ("morning parade, all fists", [picture(*[FISTED] * 20)], -38, FOUR, "none", None, None, None),
    ("four fingers where there are two pairs", [picture(hand("four"))], -30, contest(2), "none", None, None, None),
    ("a face in the review band", [picture(face("3a", "review"))], -20, FOUR, "none", "p3", None, None),
    ("only a candidate's name", [says("NAMA", 2)], -30, FOUR, "none", "p2", None, None),
    ("only a party", [says("PARTAI", 2)], -30, FOUR, "none", "p2", None, None),
    ("only a ballot number", [says("NOMOR", 2)], -30, FOUR, "none", "p2", None, None),
    ("Bekasi: a jersey with a 2", [picture(says("NOMOR", 2, "2"), face("?"))], -35, FOUR, "none", "p2", None, None),
    ("Bekasi: the jersey's number is one", [picture(says("ANGKA_LAIN", None, "2"))], -35, FOUR, "none", None, None,
     None),
    ("go and vote, no side", [says("AJAKAN_KUAT"), says("HAK_PILIH")], -1, FOUR, "none", None, "pro", None),
    # one weak sign
    ("training, thumb up", [picture(THUMB, face("?"))], -37, FOUR, "low", "p1", "pro", None),
    ("two fingers alone", [picture(V)], -15, FOUR, "low", "p2", "pro", None),
    ("ten people with two fingers", [picture(*[V] * 10)], -15, FOUR, "low", "p2", "pro", None),
    ("two fingers in four ways", [picture(V, GUN, hand("phone"), hand("horns"))], -15, FOUR, "low", "p2", "pro", None),
    ("Situbondo: finger gun, salam kompetensi", [picture(GUN), says("ANGKA_LAIN")], -36, FOUR, "low", "p2", "pro",
     None),
    ("Situbondo: the caption says nothing", [picture(GUN)], -36, FOUR, "low", "p2", "pro", None),
    ("Situbondo: the caption alludes", [picture(GUN), says("IMPLISIT")], -36, FOUR, "medium", "p2", "pro", "D6"),
    ("three fingers with the thumb", [picture(hand("three_thumb"))], -15, FOUR, "low", "p3", "pro", None),
    ("four fingers", [picture(hand("four"))], -15, FOUR, "low", "p4", "pro", None),
    ("an open palm", [picture(hand("five"))], -15, SIX, "low", "p5", "pro", None),
    ("a photo with a candidate", [picture(face("1b"), face("?"))], -19, FOUR, "low", "p1", None, None),
    ("a photo with both of a pair", [picture(face("1a"), face("1b"))], -19, FOUR, "low", "p1", None, None),
    ("a grey-band face goes to people", [picture(face("3a", "possible"))], -20, FOUR, "low", "p3", None, None),
    ("a candidate, everyone with a fist", [picture(face("2a"), FISTED, FISTED)], -20, FOUR, "low", "p2", None, None),
    ("a candidate's photo naming him", [picture(face("2a")), says("NAMA", 2)], -20, FOUR, "low", "p2", None, None),
    ("praise of a candidate", [says("PUJIAN", 2), says("NAMA", 2)], -20, FOUR, "low", "p2", "pro", "D6"),
    ("slogan and hashtag", [says("SLOGAN", 2), says("TAGAR", 2)], -20, FOUR, "low", "p2", None, "D2"),
    ("a supporters' group", [says("GRUP", 2), says("ALIAS", 2)], -20, FOUR, "low", "p2", "pro", "D6"),
    ("at a campaign event", [says("KEGIATAN", 2), says("ALIAS", 2)], -20, FOUR, "low", "p2", "pro", "D4"),
    # signs that support each other
    ("Cirebon: wedding photo, candidate and V", [picture(face("2a"), face("?"), V)], -40, FOUR, "high", "p2", "pro",
     "D7"),
    ("the village head with pair 4", [picture(face("4a"), hand("four"))], -17, FOUR, "high", "p4", "pro", "D7"),
    ("thumb beside candidate 1", [picture(face("1a"), THUMB)], -17, FOUR, "high", "p1", "pro", "D7"),
    ("a grey-band face and the number", [picture(face("2a", "possible"), V)], -17, FOUR, "medium", "p2", "pro", "D7"),
    ("a review-band face and the number", [picture(face("2a", "review"), V)], -17, FOUR, "low", "p2", "pro", None),
    ("candidate and number in two pictures", [picture(face("2a")), picture(V)], -17, FOUR, "medium", "p2", "pro", "D7"),
    ("candidate, V and support", [picture(face("2a"), V), says("DUKUNGAN", 2), says("ALIAS", 2)], -17, FOUR, "high",
     "p2", "pro", "D7"),
    ("candidate, V, call for neutrality", [picture(face("2a"), V), says("NETRALITAS")], -17, FOUR, "medium", "p2",
     "pro", "D7"),
    ("V and the finger salute in words", [picture(V), says("SALAM_JARI", 2)], -17, FOUR, "medium", "p2", "pro", "D6"),
    ("V and the pair's name", [picture(V), says("NAMA", 2)], -17, FOUR, "medium", "p2", "pro", "D6"),
    ("V beside a jersey 2", [picture(V, says("NOMOR", 2, "2"))], -17, FOUR, "medium", "p2", "pro", "D6"),
    ("V and support in words", [picture(V), says("DUKUNGAN", 2), says("ALIAS", 2)], -17, FOUR, "high", "p2", "pro",
     "D2"),
    ("candidate and praise", [picture(face("2a")), says("PUJIAN", 2, "bangga")], -17, FOUR, "medium", "p2", "pro",
     "D6"),
    ("poster: candidate, slogan, hashtag", [picture(face("2a"), says("SLOGAN", 2), says("TAGAR", 2))], -17, FOUR,
     "high", "p2", "pro", "D7"),
    # words
    ("Ayo coblos nomor 3", [*call_3], -30, FOUR, "high", "p3", "pro", "D2"),
    ("the same words on a poster", [*call_3, picture(says("AJAKAN_KUAT", 3, "AYO COBLOS"))], -30, FOUR, "high", "p3",
     "pro", "D2"),
    ("Jangan sampai pilih nomor 4", [says("AJAKAN_KUAT", 4, "Jangan pilih", "contra"), says("NOMOR", 4)], -29, FOUR,
     "high", "p4", "contra", "D2"),
    ("not 4 but 3", [says("AJAKAN_KUAT", 4, "Jangan 4", "contra"), says("AJAKAN_KUAT", 3, "pilih 3")], -29, FOUR,
     "high", "p3", "pro", "D2"),
    ("a veiled call", [says("AJAKAN_LEMAH", 3), says("NOMOR", 3)], -30, FOUR, "medium", "p3", "pro", "D2"),
    ("a statement of support", [says("DUKUNGAN", 3), says("ALIAS", 3)], -30, FOUR, "medium", "p3", "pro", "D2"),
    ("an attack", [says("SERANGAN", 1), says("NAMA", 1)], -30, FOUR, "medium", "p1", "contra", "D2"),
    ("stay at home on voting day", [says("MENGHALANGI")], -3, FOUR, "medium", None, "hinder", "D8"),
    ("friends of 1, stay at home", [says("MENGHALANGI", 1), says("NOMOR", 1)], -30, FOUR, "high", "p1", "hinder", "D8"),
    ("praise on an official account", [says("AKUN", 1), says("PUJIAN"), says("EMOJI_DUKUNGAN")], -27, FOUR, "medium",
     "p1", "pro", "D6"),
    ("a call that names two pairs", [says("AJAKAN_KUAT"), says("NAMA", 1), says("NAMA", 2)], -30, FOUR, "low", "p1",
     "pro", "D2"),
    # what explains
    ("news quotes a call", [*call_3, says("BERITA")], -30, FOUR, "medium", "p3", "pro", "D2"),
    ("news about a candidate", [says("NAMA", 2), says("PUJIAN", 2), says("BERITA")], -30, FOUR, "none", "p2", "pro",
     None),
    ("notice of the commission", [says("NAMA", 1), says("NAMA", 2), says("RESMI")], -30, FOUR, "none", "p1", None,
     None),
    ("neutrality, and a V", [picture(V), says("NETRALITAS")], -30, FOUR, "none", "p2", "pro", None),
    ("all pairs named alike, and a V", [picture(V), says("BERIMBANG")], -30, FOUR, "none", "p2", "pro", None),
    ("a call dressed as going to vote", [*call_3, says("HAK_PILIH")], -1, FOUR, "high", "p3", "pro", "D2"),
    ("debate: all candidates", [picture(*[face(f"{n}a") for n in (1, 2, 3, 4)])], -30, FOUR, "none", "p1", None, None),
    ("each shows another number", [picture(hand("index"), V, hand("three"), hand("four"))], -15, FOUR, "none", "p1",
     "pro", None),
    # several pairs
    ("two pairs in one photo", [picture(face("1a"), face("2a"))], -30, FOUR, "low", "p1", None, None),
    ("two pairs, fingers of one", [picture(face("1a"), face("2a"), V)], -30, FOUR, "high", "p2", "pro", "D7"),
    ("face of 1, fingers of 2", [picture(face("1a"), V)], -30, FOUR, "low", "p1", None, None),
    ("words for 3, fingers of 2", [picture(V), *call_3], -30, FOUR, "high", "p3", "pro", "D2"),
    ("six pairs: five fingers and one", [picture(hand("five", owner=0), hand("index", owner=0), face("?"))], -30, SIX,
     "low", "p6", "pro", None),
    ("six pairs: two people, 5 and 1", [picture(hand("five", owner=0), hand("index", owner=1), face("?"), face("?"))],
     -30, SIX, "low", "p1", "pro", None),
    ("six pairs: candidate 6 and both hands",
     [picture(face("6a"), hand("five", owner=0), hand("thumb_up", owner=0))], -30, SIX, "high", "p6", "pro", "D7"),
    ("five and one where there is no pair 6",
     [picture(face("?"), hand("peace", owner=0), hand("index", owner=0))], -30, FOUR, "low", "p2", "pro", None),
    # a pair's own salute
    ("metal as the salute of 1", [picture(face("1a"), hand("metal"))], -30, SALAM, "high", "p1", "pro", "D7"),
    ("metal reads as 3 too, half as strongly", [picture(face("3a"), hand("metal"))], -30, SALAM, "medium", "p3", "pro",
     "D7"),
    ("metal alone is the salute of 1", [picture(hand("metal"))], -30, SALAM, "low", "p1", "pro", None),
    ("the fist as a salute", [picture(face("1a"), FISTED)], -30, FIST, "high", "p1", "pro", "D7"),
    # the empty column
    ("kolom kosong: a call for it", [says("AJAKAN_KUAT", 2, "coblos kotak kosong")], -30, KOSONG, "high", "p2", "pro",
     "D2"),
    ("kolom kosong: a call against it", [says("AJAKAN_KUAT", 2, "jangan", "contra")], -30, KOSONG, "high", "p2",
     "contra", "D2"),
    ("kolom kosong: the only pair with a thumb", [picture(face("1a"), THUMB)], -30, KOSONG, "high", "p1", "pro", "D7"),
    ("kolom kosong: one pair is not all pairs", [picture(face("1a"))], -30, KOSONG, "low", "p1", None, None),
    # the calendar
    ("re-uploaded photo from before the drawing", [picture(face("2a"), V)], -80, FOUR, "low", "p2", None, "E5"),
    ("a gesture before the drawing", [picture(V)], -80, FOUR, "none", None, None, None),
    ("a salute before the drawing", [picture(hand("metal"))], -80, SALAM, "none", None, None, None),
    ("confirmed, not drawn yet", [picture(face("2a"), V)], -66, FOUR, "low", "p2", None, "D7"),
    ("the day of the drawing", [picture(face("2a"), V)], -65, FOUR, "high", "p2", "pro", "D7"),
    ("numbers not entered yet", [picture(face("2a"), V)], -30, UNDRAWN, "low", "p2", None, "D7"),
    ("support of a prospective candidate", [says("DUKUNGAN", 2), says("ALIAS", 2)], -80, FOUR, "medium", "p2", "pro",
     "E2"),
    ("a call for a prospective candidate", [says("AJAKAN_KUAT", 2), says("ALIAS", 2)], -80, FOUR, "high", "p2", "pro",
     "E2"),
    ("a prospective candidate's event", [says("KEGIATAN", 2), says("ALIAS", 2)], -80, FOUR, "low", "p2", "pro", "E3"),
    ("praise on a prospective candidate's account", [says("AKUN", 1), says("PUJIAN", 1)], -80, FOUR, "medium", "p1",
     "pro", "E4"),
    ("masa tenang: a campaign post", [*call_3], -2, FOUR, "high", "p3", "pro", "D2"),
    ("masa tenang: slogan and hashtag", [says("SLOGAN", 2), says("TAGAR", 2)], -2, FOUR, "low", "p2", None, "D2"),
    ("masa tenang: a gesture alone stays low", [picture(*[V] * 5)], -2, FOUR, "low", "p2", "pro", None),
    ("after the count", [picture(face("2a"), V)], 40, FOUR, "high", "p2", "pro", "D7"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "day", "within", "band", "paslon", "direction", "article"),
    [row[1:] for row in TABLE],
    ids=[str(row[0]) for row in TABLE],
)
def test_situation(
    parts: list, day: int, within: Contest, band: Band, paslon: str | None, direction: str | None, article: str | None
) -> None:
    found = assess(*parts, day=day, within=within)
    first = found.articles[0] if found.articles else None
    assert (found.band, found.paslon, found.direction, first) == (band, paslon, direction, article)


@pytest.mark.parametrize(("day", "track"), [(-80, "kode_etik"), (-66, "disiplin"), (-30, "disiplin")])
def test_the_lane_follows_the_stage_and_so_do_the_articles(day: int, track: str) -> None:
    found = assess(picture(face("2a"), V), *call_3, day=day)
    assert found.track == track
    assert {article[0] for article in found.articles if article != "D8"} == {"E" if track == "kode_etik" else "D"}
