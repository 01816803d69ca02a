"""Screenshots told apart from their lines and boxes alone, platform by platform; and what the rules make of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.election.contest import Candidate, Contest, Paslon
from app.rules.facts import Facts
from app.rules.judge import judge
from app.rules.ruleset import load_rules
from app.rules.signals import Evidence, PictureEvidence
from app.screening.pictured_text import screen_lines
from app.text.registry import compile_registry
from app.vision.observations import Observations, TextLine
from app.vision.screen_dates import day_meant
from app.vision.screen_layout import Layout, paragraphs, understand

HEIGHT = 1800
PAIRS = (
    Paslon("p1", 1, (Candidate("1a", "Ratna Dewanti"), Candidate("1b", "Bambang Sutejo"))),
    Paslon("p2", 2, (Candidate("2a", "Surya Pratama"), Candidate("2b", "Lestari Handayani"))),
)
CONTEST = Contest("c", "Pilbup", "00", "Sukamaju", date(2029, 11, 28), paslon=PAIRS)
REGISTRY = compile_registry(CONTEST)


def line(text: str, y: float, x: float = 20, height: float = 40) -> TextLine:
    width = 0.5 * height * len(text)
    corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float32)
    return TextLine(text, 1.0, corners)


def fields(layout: Layout) -> dict[str, str]:
    return {field.name: field.value for field in layout.fields}


INSTAGRAM = [
    line("09.41", 10, 40, 30), line("Telkomsel 4G", 10, 800, 30), line("87%", 10, 1000, 30),
    line("budi_asn", 100), line("Sukamaju", 145, 20, 30), line("1.204 suka", 1300),
    line("budi_asn", 1350), line("Bismillah, coblos nomor", 1400), line("2 untuk perubahan", 1445),
    line("Lihat semua 48 komentar", 1500), line("warga.satu gas coblos nomor 1", 1560), line("2 jam yang lalu", 1620),
]  # fmt: skip
FACEBOOK = [
    line("Siti Aminah, S.Pd", 60, 120), line("12 Oktober pukul 09.41 · Publik", 105, 120, 30),
    line("Dukung Surya Pratama", 180), line("BALIHO", 700, 300, 120),
    line("12 komentar 3 kali dibagikan", 1300, 20, 30), line("Suka Komentari Bagikan", 1360),
    line("Pak Karto", 1450, 120, 34), line("Ratna Dewanti saja", 1490, 120, 34),
]  # fmt: skip
TIKTOK = [
    line("Mengikuti Untuk Anda", 60), line("coblos nomor 2", 600, 80, 60), line("12,3 rb", 900, 980, 30),
    line("@sukamaju.update", 1500), line("Pawai tadi pagi", 1545), line("suara asli - sukamaju", 1600, 20, 32),
]  # fmt: skip
WHATSAPP = [
    line("Grup Guru Kec. Cibening", 40, 100, 50), line("Pak Karto", 240, 60, 36),
    line("Besok kumpul di balai desa ya", 290, 60), line("09.41", 340, 700, 28),
]  # fmt: skip
TWITTER = [
    line("Postingan", 60), line("Budi Santoso", 150, 140), line("@budisantoso", 195, 140, 34),
    line("Surya Pratama pasti bisa", 270),
    line("09.41 · 12 Okt 24 · 1.204 tayangan", 360, 20, 34), line("12 Posting ulang 3 Kutipan 40 Suka", 430),
    line("@warga_x", 560, 140), line("coblos nomor 1 dong", 610, 140),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (INSTAGRAM, {"platform": "instagram", "handle": "budi_asn", "time": "2 jam yang lalu",
                     "caption": "Bismillah, coblos nomor 2 untuk perubahan"}),
        (FACEBOOK, {"platform": "facebook", "display_name": "Siti Aminah, S.Pd",
                    "time": "12 Oktober pukul 09.41 · Publik", "caption": "Dukung Surya Pratama"}),
        (TIKTOK, {"platform": "tiktok", "handle": "@sukamaju.update", "caption": "Pawai tadi pagi"}),
        (WHATSAPP, {"platform": "whatsapp", "display_name": "Pak Karto", "time": "09.41",
                    "caption": "Besok kumpul di balai desa ya"}),
        (TWITTER, {"platform": "x", "handle": "@budisantoso", "display_name": "Budi Santoso",
                   "time": "09.41 · 12 Okt 24 · 1.204 tayangan", "caption": "Surya Pratama pasti bisa"}),
    ],
    ids=["instagram", "facebook", "tiktok", "whatsapp", "x"],
)  # fmt: skip
def test_each_platform_is_known_by_its_screen(lines: list[TextLine], wanted: dict[str, str]) -> None:
    assert fields(understand(lines, HEIGHT)) == wanted


def test_bar_buttons_counts_and_comments_are_told_apart() -> None:
    roles = understand(INSTAGRAM, HEIGHT).roles
    assert roles == (
        "status", "status", "status", "account", "control", "count", "account", "caption", "caption", "control",
        "comment", "time",
    )  # fmt: skip
    layout = understand(FACEBOOK, HEIGHT)
    assert layout.roles == ("account", "time", "caption", "text", "count", "control", "comment", "comment")


def test_a_poster_is_no_screenshot() -> None:
    poster = [line("RATNA DEWANTI", 100, height=80), line("COBLOS NOMOR 1", 300, height=120), line("09.00", 900)]
    layout = understand(poster, HEIGHT)
    assert layout.platform == ""
    assert set(layout.roles) == {"text"}
    assert layout.fields == ()


def test_a_group_in_which_several_write_offers_no_name() -> None:
    more = [
        *WHATSAPP,
        line("Bu Rini", 440, 60, 36),
        line("Siap pak, hadir semua guru", 490, 60),
        line("09.45", 540, 700, 28),
    ]
    layout = understand(more, HEIGHT)
    assert "display_name" not in fields(layout)
    assert "comment" not in layout.roles


def test_lines_of_a_paragraph_belong_together() -> None:
    lines = [
        line("Satu", 100),
        line("dua", 145),
        line("JUDUL", 190, height=90),
        line("jauh", 600),
        line("samping", 645, 700),
    ]
    assert paragraphs(lines) == [0, 0, 1, 2, 3]


@given(
    st.lists(st.tuples(st.text(max_size=30), st.floats(0, 2000), st.floats(0, 1000), st.floats(1, 200)), max_size=12)
)
def test_no_lines_make_it_fail(rows: list[tuple[str, float, float, float]]) -> None:
    lines = [line(*row) for row in rows]
    layout = understand(lines, HEIGHT)
    assert len(layout.roles) == len(layout.authors) == len(lines)
    for index, signal in screen_lines(lines, REGISTRY, HEIGHT):
        assert lines[index].text[signal.start : signal.end] == signal.quote[: signal.end - signal.start]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("12 Oktober pukul 09.41 · Publik", "2029-10-12"), ("09.41 · 12 Okt 24 · 1.204 tayangan", "2024-10-12"),
        ("Oct 3, 2028", "2028-10-03"), ("14/10/2029", "2029-10-14"), ("25 Desember", "2028-12-25"),
        ("3 jam", "2029-11-05"),
        ("2 hari yang lalu", "2029-11-03"), ("1 minggu", "2029-10-29"), ("Kemarin", "2029-11-04"),
        ("31 Februari", None),
        ("09.41", None), ("", None),
    ],
)  # fmt: skip
def test_the_words_for_a_time_name_a_day(words: str, wanted: str | None) -> None:
    found = day_meant(words, date(2029, 11, 5))
    assert (found[0].isoformat() if found else None) == wanted


# -- what counts ------------------------------------------------------------------------------------------------------


def evidence(lines: list[TextLine]) -> Evidence:
    seen = Observations(1080, HEIGHT, lines=tuple(lines))
    return Evidence((PictureEvidence(seen, (), screen_lines(lines, REGISTRY, HEIGHT)),))


def test_a_call_in_somebody_elses_comment_is_not_the_accounts() -> None:
    found = judge(evidence(INSTAGRAM), CONTEST, date(2029, 11, 1), load_rules())
    assert found.paslon == "p2"
    others = [signal for signal in found.signals if signal.params.get("origin") == "comment"]
    assert others
    assert all(signal.weight == 0 and signal.params["other"] == 1 for signal in others)
    silent = [*INSTAGRAM[:7], line("Selamat pagi semua", 1400), *INSTAGRAM[9:]]
    assert not judge(evidence(silent), CONTEST, date(2029, 11, 1), load_rules()).flagged


@pytest.mark.parametrize("facts", [Facts(parent="budi_asn"), Facts(handle="@warga.satu")])
def test_the_comment_counts_where_it_is_the_post_in_question(facts: Facts) -> None:
    silent = [*INSTAGRAM[:7], line("Selamat pagi semua", 1400), *INSTAGRAM[9:]]
    found = judge(evidence(silent), CONTEST, date(2029, 11, 1), load_rules(), facts)
    assert found.paslon == "p1"
    assert found.flagged


def test_a_phrase_may_run_over_the_end_of_a_line() -> None:
    found = screen_lines([line("Ayo coblos", 100), line("nomor 2", 145)], REGISTRY, HEIGHT)
    assert ("AJAKAN_KUAT", "p2") in {(signal.code, signal.paslon) for _, signal in found}
    assert {index for index, _ in found} == {0, 1}


def test_buttons_are_nobodys_words() -> None:
    before = screen_lines(FACEBOOK, REGISTRY, HEIGHT)
    changed = [replace(one, text="Suka Komentari") if one.text.startswith("Suka Kom") else one for one in FACEBOOK]
    assert [signal for _, signal in screen_lines(changed, REGISTRY, HEIGHT)] == [signal for _, signal in before]
