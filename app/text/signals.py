"""What a text says about the pairs of a contest, each with its span in the original wording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["pro", "contra", "hinder"]

CODES = (
    "NAMA", "ALIAS", "NOMOR", "SALAM_JARI", "EMOJI_JARI", "TAGAR", "SLOGAN", "PARTAI", "AKUN", "AJAKAN_KUAT",
    "AJAKAN_LEMAH", "DUKUNGAN", "PUJIAN", "EMOJI_DUKUNGAN", "SERANGAN", "MENGHALANGI", "KEGIATAN", "GRUP", "IMPLISIT",
    "SURVEI",
)  # fmt: skip
CONTEXT_CODES = ("NETRALITAS", "BERITA", "RESMI", "HAK_PILIH", "ANGKA_LAIN", "BERIMBANG")
"""Context that explains a text innocently and speaks against a flag."""


@dataclass(frozen=True, slots=True)
class TextSignal:
    """One finding. `start:end` slices the text that was given; `quote` is that slice; `paslon` is a Paslon.id."""

    code: str
    start: int
    end: int
    quote: str
    paslon: str | None = None
    direction: Direction | None = None
    confidence: float = 1.0
    params: Mapping[str, str | int | float] = field(default_factory=dict)
