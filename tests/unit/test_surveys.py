"""A share for a pair with a survey's words and no known body is a claim; known bodies and other shares are not."""

from __future__ import annotations

import pytest

from app.text.registry import compile_registry
from app.text.screen import screen_text
from tests.unit.situations import contest

REGISTRY = compile_registry(contest())


@pytest.mark.parametrize(
    ("text", "paslon", "quote"),
    [
        ("Hasil survei: nomor 2 unggul 71%. Lembaga Survei Embun Data", "p2", "71%"),
        ("HASIL SURVEI\nNOMOR 2 UNGGUL 71 %", "p2", "71 %"),
        ("Elektabilitas Cakra Wisanggeni tembus 55,5 persen!", "p3", "55,5 persen"),
        ("Polling warga: Arman Dipasena 30%, Bagus Tirtamaya 61%", "p2", "61%"),
        ("hitung cepat tim kami: paslon nomor 4 sudah 52%", "p4", "52%"),
    ],
)
def test_a_claim_is_about_the_pair_beside_its_largest_share(text: str, paslon: str, quote: str) -> None:
    (claim,) = [signal for signal in screen_text(text, REGISTRY) if signal.code == "SURVEI"]
    assert (claim.paslon, claim.quote, claim.direction) == (paslon, quote, None)
    assert text[claim.start : claim.end] == quote


@pytest.mark.parametrize(
    "text",
    [
        "Survei LSI: elektabilitas nomor 2 unggul 71%",
        "Litbang Kompas merilis survei, Bagus Tirtamaya 41 persen",
        "Diskon 71% untuk nomor 2",
        "Hasil survei kepuasan pelanggan 71%",
        "Hasil survei: nomor 2 unggul",
        "",
    ],
)
def test_what_is_no_claim(text: str) -> None:
    assert not [signal for signal in screen_text(text, REGISTRY) if signal.code == "SURVEI"]
