"""The demo's posts and what Netra must make of them: also the expectation that `scripts/run --check` tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.demo import pictures


@dataclass(frozen=True, slots=True)
class Post:
    """One fictional post. `act_day` and `known_day` count from voting day; `bands` are the outcomes that are right;
    `gone`: the original was deleted after it was captured."""

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
    parent: str = ""
    lane: str = "netralitas"
    url: str = ""
    gone: bool = False


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
        "D03", "pelatihan, jempol / a training, thumbs up", -37, -36, ("low",), 1,
        "Semangat pagi dari pelatihan", lambda: pictures.colleagues("10000", (41, 42)),
        handle="@rina.kantor", agency="Dinas Pendidikan",
    ),
    Post(
        "D04", "jari pistol, “salam kompetensi” / finger gun", -36, -36, ("medium",), 2,
        "Salam kompetensi dari diklat kepemimpinan", pictures.training,
        platform="facebook", handle="@diklat.embun", agency="BKPSDM",
    ),
    Post(
        "D05", "nomor punggung 2 / a 2 on a jersey", -35, -34, ("low",), 2,
        "Fun game antarinstansi", pictures.jersey, handle="@korpri.embun", agency="Dinas Pemuda",
    ),
    Post(
        "D06", "foto lama: calon dan dua jari / an old photo, before the numbers", -80, -33, ("medium",), 2,
        "Kenangan bersama Pak Bagus", pictures.reunion, handle="@hendra.embun", agency="Dinas Kesehatan",
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
        "D09", "komentar di akun resmi / a comment under an official account", -27, -27, ("medium",), 1,
        "Sukses Pak 👍", None, "pro", handle="@yanti.embun", agency="Dinas Sosial", parent="@arlis.muaraembun",
    ),
    Post(
        "D10", "grup WA tertutup / a closed chat group", -25, -24, ("high",), 1,
        "", pictures.group_chat, "pro", "whatsapp", agency="Dinas Contoh",
    ),
    Post(
        "D11", "grafik survei tak dikenal / a survey nobody knows", -22, -22, ("low", "medium"), 2,
        "", pictures.survey, platform="facebook", handle="@info.embun", subject_type="unknown", lane="hoaks_survei",
    ),
    Post(
        "D15", "salinan D01, dipotong / a cropped copy of D01", -39, -37, ("high", "medium"), 2,
        "", pictures.passed_on, "pro", handle="@salinan.embun",
    ),
    Post(
        "D16", "kepala desa, empat jari / a village head, four fingers", -17, -16, ("high",), 4,
        "Salam empat jari, kami dukung Bu Ratna!", lambda: pictures.colleagues("01111", (41,)), "pro",
        handle="@desa.lentera", subject_type="kades", agency="Desa Padang Lentera",
    ),
    Post(
        "D18", "unggahan dihapus setelah ditangkap / deleted after it was captured", -12, -12, ("high",), 3,
        "Menangkan CADA! Ayo coblos nomor 3 #CADAlanjutkan", None, "pro", "facebook", "@staf.embun", agency="Bappeda",
        url="https://www.facebook.com/contoh/posts/18", gone=True,
    ),
    Post(
        "D17", "dua jari, tanpa calon / two fingers, no candidate", -15, -14, ("medium",), 2,
        "Kebersamaan kantor", lambda: pictures.colleagues("01100", (41, 42)),
        handle="@bagian.umum", agency="Bagian Umum",
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
        "P03", "tiga jari bersama / three fingers by three people", -19, -19, ("medium",), 3,
        "Kompak selalu", lambda: pictures.colleagues("01110", (61, 62, 64)),
        handle="@tim.lapangan", agency="Dinas Perikanan",
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
