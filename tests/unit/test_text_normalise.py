"""Normalising: any text at all, exact places, and the disguises that words are written in."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.text.fold import fold
from app.text.normalise import Normalised, normalise
from app.text.screen import screen_text
from app.text.signals import CODES, CONTEXT_CODES
from tests.unit.text_contest import REGISTRY

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
DISGUISED = st.text(
    st.sampled_from("coblsnomrpih 0123@$*'.,!?#_-\n\u200b\u200e\u0301ÉСоеＡ①✌🏽👍️⃣\x00\ud800أ漢"), max_size=200
)
CAMPAIGN = st.lists(
    st.sampled_from(
        ["coblos", "nomor", "2", "02", "jangan", "pilih", "BANI", "Pak", "Bagus", "#CoblosNo2", "@arlis_muaraembun",
         "✌🏽", "3️⃣", "c o b l o s", "selain", ".", "?", "\n", "menang", "kata ketua", "RT", "tidak", "golput", "“",
         "”", "\u202e"]
    ),
    max_size=40,
)  # fmt: skip


def _words(text: str) -> list[str]:
    return [token.text for token in normalise(text, REGISTRY.vocabulary).tokens]


def _check_places(normal: Normalised, text: str) -> None:
    """Spans are ordered, do not overlap, and the text map leads back to the same tokens."""
    end = 0
    for token in normal.tokens:
        assert end <= token.start < token.end <= len(text)
        end = token.end
    for index, (opened, closed) in enumerate(zip(normal.opens, normal.closes, strict=True)):
        assert normal.text[opened:closed] == f" {normal.tokens[index].text} "
        assert normal.opens[opened] == index
        assert normal.closes[closed] == index + 1


@settings(max_examples=300, deadline=None)
@given(st.one_of(ANY_TEXT, DISGUISED, CAMPAIGN.map(" ".join)))
@example("C o b l o s\u0301 n\u200bo 2️⃣")
@example("\ud83d\ude00 \x00 ﷺ ½ ǆ İ ß")
def test_places_are_exact_for_any_text(text: str) -> None:
    _check_places(normalise(text, REGISTRY.vocabulary), text)


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_folding_covers_every_character_once(text: str) -> None:
    folded, starts, ends = fold(text)
    assert len(folded) == len(starts) == len(ends)
    assert starts == sorted(starts)
    covered = {place for start, end in zip(starts, ends, strict=True) for place in range(start, end)}
    lost = [char for place, char in enumerate(text) if place not in covered]
    assert all(fold(char)[0] == "" for char in lost)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["kerja", "bakti", "pagi", "di", "balai", "desa", "Ibu", "WARGA"]), min_size=1, max_size=20
    )
)
def test_plain_words_keep_their_own_place(words: list[str]) -> None:
    text = " ".join(words)
    tokens = normalise(text, REGISTRY.vocabulary).tokens
    assert [text[token.start : token.end] for token in tokens] == words


@settings(max_examples=300, deadline=None)
@given(st.one_of(ANY_TEXT, DISGUISED, CAMPAIGN.map(" ".join)))
@example("፩a ፩፪ a፩2")
def test_screening_never_raises_and_slices_exactly(text: str) -> None:
    signals = screen_text(text, REGISTRY)
    for signal in signals:
        assert signal.quote == text[signal.start : signal.end] != ""
        assert signal.code in CODES + CONTEXT_CODES
        assert (signal.direction is None) or signal.code in CODES
        assert signal.paslon is None or signal.paslon in REGISTRY.pairs
        assert 0.0 < signal.confidence <= 1.0
    assert [(s.start, s.end) for s in signals] == sorted((s.start, s.end) for s in signals)


def test_ten_thousand_characters_of_anything() -> None:
    for unit in (
        "coblos nomor 2 ",
        "a",
        "c o b l o s ",
        "#",
        "@",
        "\ud800",
        "2",
        "menang" * 13,
        "“",
        "\u0301",
        "pilih-",
        "*",
    ):
        text = (unit * 10_000)[:10_000]
        for signal in screen_text(text, REGISTRY):
            assert signal.quote == text[signal.start : signal.end]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("c0bl0s n0m0r 2", ["coblos", "nomor", "2"]),
        ("C.O.B.L.O.S", ["coblos"]),
        ("c-o-b-l-o-s", ["coblos"]),
        ("c*blos", ["coblos"]),
        ("coooblosss", ["coblos"]),
        ("соblоs", ["coblos"]),
        ("ᴄᴏʙʟᴏs", ["coblos"]),
        ("🅒🅞🅑🅛🅞🅢", ["coblos"]),
        ("có\u0301blos", ["coblos"]),
        ("cob\u200dlos", ["coblos"]),
        ("#CoblosNo2", ["coblos", "nomor", "2"]),
        ("#coblosnomordua", ["coblos", "nomor", "dua"]),
        ("#2024GantiBupati", ["2024", "ganti", "bupati"]),
        ("#BANIuntukMuaraEmbun", ["bani", "untuk", "muara", "embun"]),
        ("coblosnomor2", ["coblos", "nomor", "2"]),
        ("paslon02", ["paslon", "02"]),
        ("ingat2 ya", ["ingat", "ya"]),
        ("jgn lupa yg no. 2", ["jangan", "lupa", "yang", "nomor", "2"]),
        ("pilihlah", ["pilih"]),
        ("do'a", ["doa"]),
        ("menangis", ["menangis"]),
        ("abc123", ["abc", "123"]),
        ("19.00", ["19.00"]),
        ("https://x.id/coblos2", []),
    ],
)
def test_disguises(written: str, words: list[str]) -> None:
    assert _words(written) == words


def test_a_span_holds_the_whole_disguise() -> None:
    text = "ayo c\u200b o b l o s nomor 2\ufe0f\u20e3!"
    found = {signal.code: signal.quote for signal in screen_text(text, REGISTRY)}
    assert found["NOMOR"] == "nomor 2\ufe0f\u20e3"
    assert found["AJAKAN_KUAT"] == "ayo c\u200b o b l o s"


def test_accents_stay_within_their_token() -> None:
    text = unicodedata.normalize("NFD", "Pilih Nirmalá Sekarwati")
    named = next(signal for signal in screen_text(text, REGISTRY) if signal.code == "NAMA")
    assert named.quote == unicodedata.normalize("NFD", "Nirmalá Sekarwati")
