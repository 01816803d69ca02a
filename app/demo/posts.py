"""The demo's posts and what Netra must make of them: also the expectation that `scripts/run --check` tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.demo import pictures


@dataclass(frozen=True, slots=True)
class Post:
    """One fictional post. `act_day` and `known_day` count from voting day; `bands` are the outcomes that are right."""

    id: str
    about: str
    act_day: int
    known_day: int
    bands: tuple[str, ...]
    paslon: int | None
    text: str = ""
    picture: Callable[[], bytes] | None = None
    direction: str | None = None
    platform: str = "instagram"
    handle: str = ""
    subject_type: str = "pns"
    agency: str = ""


POSTS = (
    Post(
        "D01", "calon, dua jari, dan takarir / candidate, two fingers and a caption", -40, -39, ("high",), 2,
        "Foto bersama Pak Bagus di hajatan, gas nomor 2! ✌🏽 #BANIuntukMuaraEmbun", pictures.wedding, "pro",
        handle="@dedi.embun", agency="Dinas Perhubungan",
    ),
    Post(
        "D02", "apel pagi, semua mengepal / all with closed fists", -38, -38, ("none",), None,
        "Apel pagi. ASN netral, tetap melayani.", lambda: pictures.colleagues("00000", (31, 32, 33)),
        platform="facebook", handle="@humas.setda", agency="Sekretariat Daerah",
    ),
    Post(
        "D03", "dua jari tanpa konteks / two fingers and nothing else", -37, -36, ("low", "medium"), 2,
        "Semangat pagi dari kantor", lambda: pictures.colleagues("01100", (41, 42)),
        handle="@rina.kantor", agency="Dinas Pendidikan",
    ),
    Post(
        "D04", "jari pistol, “salam kompetensi” / finger gun", -36, -36, ("low", "medium"), 2,
        "Salam kompetensi dari diklat kepemimpinan", pictures.training,
        platform="facebook", handle="@diklat.embun", agency="BKPSDM",
    ),
    Post(
        "D07", "teks saja: ajakan / text only: a call", -30, -30, ("high",), 3,
        "Ayo coblos nomor 3, lanjutkan!", None, "pro", "facebook", "@guru.sdn2", agency="SDN 2 Embun Hulu",
    ),
    Post(
        "D08", "teks saja: merugikan / text only: against a pair", -29, -28, ("high",), 4,
        "Jangan sampai pilih nomor 4", None, "contra", "x", "@warga.cermin", agency="Kantor Camat Sungai Cermin",
    ),
    Post(
        "P01", "poster, kata dibaca dari gambar / a poster, read by OCR", -26, -25, ("high",), 1,
        "", pictures.banner, "pro", "whatsapp", "", "kades", "Desa Padang Lentera",
    ),
    Post(
        "P02", "tangkapan layar ponsel / a phone's screenshot", -21, -20, ("high",), 2,
        "", pictures.screenshot, "pro", "instagram", "dinas.contoh", agency="Dinas Contoh",
    ),
    Post(
        "N01", "orang lain, tidak dikenali / other people, nobody registered", -20, -20, ("none",), None,
        "Rapat koordinasi selesai, lanjut makan siang", pictures.strangers, handle="@kantor.embun",
    ),
    Post(
        "N02", "berita resmi / an official notice", -18, -18, ("none",), None,
        "KPU Muara Embun menetapkan jadwal debat empat paslon. Gunakan hak pilih Anda, ASN wajib netral.",
        platform="website", handle="kpu.muaraembun", subject_type="penyelenggara",
    ),
)  # fmt: skip
