"""What people read: the same keys in both languages, a sentence for every signal, and no verdict anywhere."""

from __future__ import annotations

import re
from datetime import timedelta
from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.election.calendar import stage_codes
from app.election.contest import NOWHERE
from app.i18n import LANGUAGES, MissingMessage, messages, translator
from app.rules.catalogue import acts
from app.rules.facts import Facts
from app.rules.judge import judge
from app.rules.signals import OWN_CODES, Evidence, Learned, Signal
from app.rules.wording import (
    article_text,
    pair_name,
    sanction_text,
    sentence,
    stage_name,
    summary,
)
from app.text.signals import CODES, CONTEXT_CODES
from tests.unit.situations import (
    RULES,
    VOTING_DAY,
    assess,
    contest,
    evidence,
    face,
    hand,
    kolom_kosong,
    pair,
    picture,
    says,
)
from tests.unit.test_judge_circumstances import ARLIS, CADA, FOUR, jersey

VERDICTS = re.compile(r"pelanggar|pelaku|bersalah|terbukti|violat|guilt|offender|culprit|\d\s?%", re.IGNORECASE)
POST = (
    picture(face("2a"), face("2b", "possible"), face("1b", "review"), hand("peace"), hand("ok3")),
    *(says(code, number, f"kata {code}") for code in CODES for number in (2, None)),
    *(says(code) for code in CONTEXT_CODES),
)
LEARNED = Evidence(caption=evidence(says("ALIAS", 2)).caption, learned=Learned(0.9, "t0"))
MORE = (
    judge(LEARNED, contest(), VOTING_DAY, RULES),
    assess(*POST, day=-2),
    assess(picture(hand("fist"), hand("fist"))),
    assess(picture(hand("peace")), day=-80),
    assess(picture(*[face(f"{number}a") for number in (1, 2, 3, 4)])),
    assess(picture(hand("index"), hand("peace"), hand("three"), hand("four"))),
    assess(jersey(), day=-20, within=FOUR, facts=Facts("pns", parent=ARLIS, children=True, account="media")),
    assess(says("PUJIAN", 1), day=-2, within=FOUR, facts=Facts(handle=CADA)),
    assess(says("PUJIAN", 3), day=-20, within=FOUR, facts=Facts(handle=CADA)),
    assess(picture(face("1b")), facts=Facts("pns", children=True)),
    assess(picture(*[face("?")] * 4, *[hand("peace", owner=place) for place in range(4)])),
    assess(jersey(), picture(hand("peace"), hand("gun_L"), face("2a", "review")), says("IMPLISIT"), facts=Facts("pns")),
    assess(*(says(code, number, "", "contra") for code in CODES for number in (3, None))),
)


def placeholders(forms: tuple[str, ...]) -> set[str | None]:
    return {name for form in forms for _, name, _, _ in Formatter().parse(form) if name is not None}


@pytest.mark.parametrize("domain", ["netra", "console"])
def test_both_catalogs_have_the_same_keys_and_placeholders(domain: str) -> None:
    indonesian, english = (messages(language, domain) for language in LANGUAGES)
    assert indonesian.keys() == english.keys()
    for key, forms in indonesian.items():
        assert placeholders(forms) == placeholders(english[key]) | ({"count"} & placeholders(forms)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_untranslated(language: str) -> None:
    assert all(form.strip() for forms in messages(language).values() for form in forms)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_rule_message_is_a_verdict(language: str) -> None:
    parts = ("signal.", "label.", "summary.", "band.", "note.", "pair.", "candidate.")
    judged = {key: forms for key, forms in messages(language).items() if key.startswith(parts)}
    wrong = {key for key, forms in judged.items() if VERDICTS.search(" ".join(forms)) and key != "summary.close"}
    assert len(judged) > 100
    assert not wrong


@pytest.mark.parametrize(("language", "likeness"), [("id", "mirip"), ("en", "resemble|similar|looks? ")])
def test_a_likeness_is_never_worded_as_an_identity(language: str, likeness: str) -> None:
    behind = re.compile(r"^signal\.(FACE_\w+|CONTRADICTION\.face|ALL_PAIRS\.face)$|^label\.FACE_(MATCH|REVIEW|AND)")
    said = {key: forms[0] for key, forms in messages(language).items() if behind.search(key)}
    assert len(said) == 11
    assert [text for text in said.values() if not re.search(likeness, text)] == []
    assert not [forms for forms in messages(language).values() if re.search("ringankan|kuatkan", forms[0])]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_pose_stage_and_article_has_words(language: str) -> None:
    tr = translator(language)
    named = {
        "label": (*CODES, *CONTEXT_CODES, *OWN_CODES),
        "gesture": RULES.poses,
        "band": ("high", "medium", "low", "none"),
        "direction": ("pro", "contra", "hinder"),
    }
    for prefix, codes in named.items():
        assert all(tr(f"{prefix}.{code}") for code in codes)
    for code in {*stage_codes("pilkada"), *stage_codes("pemilu")}:
        assert stage_name(code, language)
    for item in acts():
        assert article_text(item.code, language).startswith(f"{item.code} – ")
        assert sanction_text(item.sanction, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_signal_has_a_sentence(language: str) -> None:
    seen = set()
    for found in MORE:
        for signal in found.signals:
            said = sentence(signal, contest(), language)
            assert said[0].isupper(), said
            assert said.endswith("."), said
            assert "{" not in said, said
            seen.add(signal.code)
    assert seen == {*CODES, *CONTEXT_CODES, *OWN_CODES}


def one(code: str, *parts: object, **changes: object) -> Signal:
    return next(signal for signal in assess(*parts, **changes).signals if signal.code == code)


@pytest.mark.parametrize(
    ("signal", "indonesian", "english"),
    [
        (
            one("FACE_MATCH", picture(face("2a"))),
            "Wajah F1 mirip dengan Bagus Tirtamaya (calon nomor urut 2): kemiripan kuat.",
            "Face F1 resembles Bagus Tirtamaya (candidate number 2): strong similarity.",
        ),
        (
            one("GESTURE", picture(hand("peace"))),
            "Dua jari (V) terlihat pada 1 tangan (H1); pose ini dapat dibaca sebagai nomor urut 2.",
            "Two fingers (V) seen on one hand (H1); this pose can be read as number 2.",
        ),
        (
            one("GESTURE", picture(hand("fist"), hand("three"), hand("three"))),
            "Tiga jari terlihat pada 2 tangan (H2); pose ini dapat dibaca sebagai nomor urut 3.",
            "Three fingers seen on 2 hands (H2 and others); this pose can be read as number 3.",
        ),
        (
            one("AJAKAN_KUAT", says("AJAKAN_KUAT", 3, "coblos nomor 3")),
            "Teks unggahan mengajak memilih nomor urut 3: “coblos nomor 3”.",
            "The post's text calls to vote for number 3: “coblos nomor 3”.",
        ),
        (
            one("AJAKAN_KUAT", picture(says("AJAKAN_KUAT", 4, "jangan\n pilih 4", "contra"))),
            "Teks pada gambar (T1) mengajak tidak memilih nomor urut 4: “jangan pilih 4”.",
            "The text in the picture (T1) calls not to vote for number 4: “jangan pilih 4”.",
        ),
        (
            one("CONTRADICTION", picture(face("1a"), hand("peace"))),
            "Tanda yang bertentangan: wajah yang mirip calon nomor urut 1, tetapi dua jari (V) (H1) dapat dibaca "
            "sebagai nomor urut 2.",
            "Contradicting signs: a face that looks like a candidate of number 1, but two fingers (V) (H1) can be "
            "read as number 2.",
        ),
        (
            one("DUKUNGAN", says("DUKUNGAN", None, "dukung"), says("ALIAS", 2)),
            "Teks unggahan menyatakan dukungan kepada nomor urut 2: “dukung”. Pasangan disimpulkan dari satu-satunya "
            "pasangan yang disebut.",
            "The post's text states support for number 2: “dukung”. The pair is inferred from the only one that is "
            "named.",
        ),
    ],
)  # fmt: skip
def test_sentences(signal: Signal, indonesian: str, english: str) -> None:
    assert sentence(signal, contest(), "id") == indonesian
    assert sentence(signal, contest(), "en") == english


def test_a_salute_is_named_as_such() -> None:
    within = contest((pair(1, salam=("metal",)), pair(2)))
    said = sentence(one("GESTURE", picture(hand("metal")), within=within), within, "id")
    assert said.endswith("pose ini adalah salam yang dipakai nomor urut 1.")


def test_without_a_contest_nothing_is_said_of_a_drawing() -> None:
    nowhere = contest((), id=NOWHERE)
    found = judge(evidence(picture(hand("peace")), says("NOMOR")), nowhere, VOTING_DAY, RULES)
    assert {signal.code for signal in found.signals} == {"BEFORE_DRAW", "NOMOR"}
    for language, words, drawing in (("id", "tidak ada pemilihan", "undi"), ("en", "no contest is named", "draw")):
        said = [sentence(signal, nowhere, language) for signal in found.signals]
        assert all(words in one.lower() and drawing not in one for one in said), said
    early = judge(evidence(picture(hand("peace"))), contest(), VOTING_DAY - timedelta(days=80), RULES)
    assert "had not been drawn" in sentence(early.signals[0], contest(), "en")


def test_a_pair_without_a_number_is_called_by_its_names() -> None:
    undrawn = contest((pair(1, drawn=False), pair(2, drawn=False)))
    said = sentence(one("DUKUNGAN", says("DUKUNGAN", 2, "dukung"), within=undrawn), undrawn, "id")
    assert "Bagus Tirtamaya – Nirmala Sekarwati" in said
    assert "None" not in said
    assert pair_name(undrawn.paslon[0], "en") == "Arman Dipasena – Lilis Wiramukti"


def test_the_empty_column_has_a_name() -> None:
    within = kolom_kosong()
    found = assess(says("AJAKAN_KUAT", 2, "coblos kotak kosong"), within=within)
    assert "kolom kosong" in sentence(found.signals[0], within, "id")
    assert "nomor urut 2 (kolom kosong)" in summary(found, within, "id")


def test_a_stored_signal_outlives_its_pair() -> None:
    signal = one("FACE_MATCH", picture(face("2a")))
    assert "calon yang tidak lagi terdaftar" in sentence(signal, contest(1), "id")


def test_a_long_quote_is_cut_for_the_sentence() -> None:
    said = sentence(one("DUKUNGAN", says("DUKUNGAN", 2, "dukung " * 100)), contest(), "id")
    assert len(said) < 250
    assert "…”" in said


def test_one_weak_sign_is_called_so() -> None:
    weak = assess(picture(hand("thumb_up")))
    assert "Hanya ada satu petunjuk lemah." in summary(weak, contest(), "id")
    assert "There is only one weak sign." in summary(weak, contest(), "en")
    strong = assess(picture(face("2a"), hand("peace")))
    assert "petunjuk lemah" not in summary(strong, contest(), "id")


def test_the_summary_says_what_speaks_for_against_and_beside() -> None:
    found = assess(picture(face("2a"), hand("peace"), hand("three")), says("NETRALITAS"))
    assert summary(found, contest(), "id") == (
        "Indikasi sedang terkait nomor urut 2 (Bagus Tirtamaya – Nirmala Sekarwati), arah menguntungkan: "
        "wajah yang mirip calon bersama pose nomornya. Yang mengurangi bobot: ajakan netral. "
        "Ada tanda yang bertentangan. "
        "Ada juga petunjuk untuk nomor urut 3. Ini informasi awal untuk ditelaah manusia, bukan putusan."
    )
    assert summary(assess(), contest(), "id") == "Tidak ada indikasi yang perlu ditinjau."
    hinder = summary(assess(says("MENGHALANGI", None, "jangan ke TPS")), contest(), "en")
    assert hinder.startswith("A medium indication that points to no single pair, hindering the vote:")


def test_plural_forms_follow_the_count() -> None:
    words = {"gesture": "Fist", "hand": 1}
    assert "one hand" in translator("en").ntranslate("signal.NEUTRAL_POSE", 1, **words)
    assert "2 hands" in translator("en").ntranslate("signal.NEUTRAL_POSE", 2, **words)
    assert "1 tangan" in translator("id").ntranslate("signal.NEUTRAL_POSE", 1, **words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_key_raises(language: str) -> None:
    with pytest.raises(MissingMessage):
        translator(language)("signal.TIDAK_ADA")
    with pytest.raises(MissingMessage):
        translator(language).ntranslate("signal.TIDAK_ADA", 2)
    assert not translator(language).has("signal.TIDAK_ADA")


@pytest.mark.parametrize(
    ("tag", "language"), [("en-GB", "en"), ("EN_us", "en"), ("id", "id"), ("fr", "id"), ("", "id")]
)
def test_other_languages_are_served_in_indonesian(tag: str, language: str) -> None:
    assert translator(tag).language == language


@settings(deadline=None, max_examples=50)
@given(st.text("ab{}%0 ", max_size=20))
def test_quotes_are_never_read_as_placeholders(quote: str) -> None:
    said = sentence(one("DUKUNGAN", says("DUKUNGAN", 2, "{pair} {0} %s " + quote)), contest(), "id")
    assert "{pair} {0} %s" in said
