"""What people write, as a table: the signals that must be found, and the texts that must stay silent."""

from __future__ import annotations

import pytest

from app.text.screen import screen_text
from app.text.signals import CODES, CONTEXT_CODES
from tests.unit.text_contest import REGISTRY

NAMING = ("NAMA", "ALIAS", "NOMOR", "TAGAR", "SLOGAN", "PARTAI", "AKUN")

# text | signals that must be among those found: CODE, CODE>pair, CODE+pair (pro), CODE-pair (contra), CODE! (hinder)
SPEAKING = """
Ayo coblos nomor 3, lanjutkan!                        | AJAKAN_KUAT+3 NOMOR>3 AJAKAN_LEMAH+3
Jangan sampai pilih nomor 4                           | AJAKAN_KUAT-4 NOMOR>4
BANI menang                                           | ALIAS>2 DUKUNGAN+2
Salam dua jari                                        | SALAM_JARI+2
Arman-Lilis                                           | ALIAS>1
#BANIuntukMuaraEmbun                                  | TAGAR>2
PILIH NOMOR 1                                         | AJAKAN_KUAT+1 NOMOR>1
ARMAN DIPASENA - LILIS WIRAMUKTI                      | NAMA>1
PILIH NOMOR 1\\nARMAN DIPASENA - LILIS WIRAMUKTI      | AJAKAN_KUAT+1 NOMOR>1 NAMA>1
PILIHNOMOR1                                           | AJAKAN_KUAT+1 NOMOR>1
coblos nmr 02                                         | AJAKAN_KUAT+2 NOMOR>2
coblos no.2 ya                                        | AJAKAN_KUAT+2 NOMOR>2
coblos 2 aja                                          | AJAKAN_KUAT+2 NOMOR>2
coblos nomor urut kalih                               | AJAKAN_KUAT+2 NOMOR>2
cobl0s n0m0r 3                                        | AJAKAN_KUAT+3 NOMOR>3
c*blos nomor 2                                        | AJAKAN_KUAT+2
c o b l o s nomor 2                                   | AJAKAN_KUAT+2
c.o.b.l.o.s nomor 2                                   | AJAKAN_KUAT+2
С0bl0s nоmоr 2                                        | AJAKAN_KUAT+2 NOMOR>2
𝐂𝐨𝐛𝐥𝐨𝐬 𝐧𝐨𝐦𝐨𝐫 𝟐                                           | AJAKAN_KUAT+2 NOMOR>2
ＣＯＢＬＯＳ nomor ②                                   | AJAKAN_KUAT+2 NOMOR>2
co\u200bblos nomor 2                                  | AJAKAN_KUAT+2
Coblosss nomorrr duaaa                                | AJAKAN_KUAT+2 NOMOR>2
#CoblosNo2                                            | AJAKAN_KUAT+2 NOMOR>2
#coblosno2                                            | AJAKAN_KUAT+2 NOMOR>2
#LanjutkanKerjaNyata                                  | TAGAR>2
#2024GantiBupati                                      | DUKUNGAN
nyoblos nomer telu wae                                | AJAKAN_KUAT+3 NOMOR>3
Lur, tgl 27 nyoblos telu yo                           | AJAKAN_KUAT+3 NOMOR>3
Hayu urang coblos nomer hiji                          | AJAKAN_KUAT+1 NOMOR>1
Payo pilih nomor duo                                  | AJAKAN_KUAT+2 NOMOR>2
nyok pilih none Ratna nomor empat                     | AJAKAN_KUAT+4 NAMA>4 NOMOR>4
Pilih ki' nomor dua, jangan maki ragu                 | AJAKAN_KUAT+2 NOMOR>2
Ayo pilih paslon 03                                   | AJAKAN_KUAT+3 NOMOR>3
nomor urut 3️⃣ di hati                                 | NOMOR>3 DUKUNGAN+3
nomor urut III menang                                 | NOMOR>3 DUKUNGAN+3
paslon 02 harga mati                                  | NOMOR>2 DUKUNGAN+2
02 💪                                                 | NOMOR>2 EMOJI_DUKUNGAN+2 IMPLISIT+2
2 aja                                                 | NOMOR>2 AJAKAN_LEMAH+2
gas 2                                                 | NOMOR>2 AJAKAN_LEMAH+2
Bismillah 01 menang satu putaran                      | NOMOR>1 AJAKAN_KUAT+1
salam 4 jari                                          | SALAM_JARI+4
satu komando satu jari ☝️                              | SALAM_JARI+1 EMOJI_JARI+1
✌🏽✌🏽 gas                                              | EMOJI_JARI+2 AJAKAN_LEMAH+2
🤟 CADA                                               | EMOJI_JARI+3 ALIAS>3
Dukung Bagus jadi bupati                              | NAMA>2 AJAKAN_KUAT+2
Pak Bagus mantap                                      | NAMA>2 PUJIAN+2
Bu Dahlia pasti menang                                | NAMA>3 DUKUNGAN+3
coblos bani                                           | ALIAS>2 AJAKAN_KUAT+2
Asal bukan RAYU                                       | ALIAS>4 SERANGAN-4
Tolak politik dinasti Ratna!                          | NAMA>4 SERANGAN-4
Yusran koruptor                                       | NAMA>4 SERANGAN-4
Kusumayuda gagal total                                | NAMA>4 SERANGAN-4
Kusumayudha gagal total                               | NAMA>4 SERANGAN-4
Tirtamaja menang                                      | NAMA>2 DUKUNGAN+2
Wisanggenni lanjutkan                                 | NAMA>3 AJAKAN_LEMAH+3
jangan pilih 4                                        | AJAKAN_KUAT-4 NOMOR>4
jgn mau milih ARLIS                                   | AJAKAN_KUAT-1
ojo pilih nomor loro                                  | AJAKAN_KUAT-2 NOMOR>2
ulah milih nomor tilu                                 | AJAKAN_KUAT-3 NOMOR>3
jangan CADA lagi                                      | SERANGAN-3
tidak akan pilih CADA                                 | SERANGAN-3
ogah dukung ARLIS                                     | SERANGAN-1
Jangan pilih selain nomor 2                           | AJAKAN_KUAT+2 NOMOR>2
tidak ada pilihan lain selain ARLIS                   | DUKUNGAN+1
jangan lupa coblos nomor 4                            | AJAKAN_KUAT+4
jangan ragu pilih CADA                                | AJAKAN_KUAT+3
jgn smpe salah pilih, coblos 2                        | AJAKAN_KUAT+2
Yusran tidak korupsi                                  | PUJIAN+4
Saya sekeluarga dukung Ratna Kusumayuda               | DUKUNGAN+4 NAMA>4
kami siap memenangkan CADA                            | DUKUNGAN+3
Semoga menang Pak Arman                               | DUKUNGAN+1 NAMA>1
Mugi Pak Arman menang malih                           | DUKUNGAN+1
Sukses Pak 👍                                         | DUKUNGAN EMOJI_DUKUNGAN
semangat bu                                           | DUKUNGAN
All in Bu Ratna!!! yg lain minggir dulu               | DUKUNGAN+4 NAMA>4
ARLIS for bupati                                      | AJAKAN_LEMAH+1
ARLIS untuk Muara Embun                               | AJAKAN_LEMAH+1
Mbak Lilis Muara Embun 1                              | AJAKAN_LEMAH+1 NAMA>1
ARLIS fix no debat                                    | AJAKAN_LEMAH+1
gaskeun CADA                                          | AJAKAN_LEMAH+3
terus gaspol Mas Cakra                                | AJAKAN_LEMAH+3 NAMA>3
lanjut dua periode ARLIS                              | AJAKAN_LEMAH+1
Titip suara untuk nomor urut 1                        | AJAKAN_KUAT+1 NOMOR>1
@arlis_muaraembun mantap pak                          | AKUN>1 PUJIAN+1
PCB solid                                             | PARTAI>1 AJAKAN_LEMAH+1
Muara Embun Gemilang bersama ARLIS                    | SLOGAN>1 ALIAS>1
Kalau mau Muara Embun Gemilang, pilihannya cuma satu  | SLOGAN>1 IMPLISIT+1
ingat angka dua di bilik suara                        | NOMOR>2 AJAKAN_KUAT+2
Hadir di deklarasi relawan Cakra-Dahlia               | KEGIATAN+3 ALIAS>3
kampanye akbar ARLIS luar biasa                       | KEGIATAN+1
gabung grup relawan ARLIS                             | GRUP+1
link grup pemenangan CADA                             | GRUP+3
golput saja                                           | MENGHALANGI!
tidak usah ke TPS                                     | MENGHALANGI!
ngapain nyoblos                                       | MENGHALANGI!
jangan datang ke tps                                  | MENGHALANGI!
kalau tidak pilih nomor 2 awas                        | MENGHALANGI!2 NOMOR>2
R A Y U menang                                        | ALIAS>4 DUKUNGAN+4
Alhamdulillah sudah nyoblos nomor 2                   | DUKUNGAN+2 NOMOR>2
stres masih pilih RAYU                                | SERANGAN-4
ARLIS apik tenan                                      | PUJIAN+1
RAYU pembohong 🤮                                     | SERANGAN-4
ARLIS ❤️❤️❤️                                             | ALIAS>1 EMOJI_DUKUNGAN+1 IMPLISIT+1
Bu Lilis 🔥🔥                                          | NAMA>1 IMPLISIT+1
mendukung 02                                          | DUKUNGAN+2 NOMOR>2
RAYU cuma omong doang                                 | SERANGAN-4
ARLIS bacot doang                                     | SERANGAN-1
CADA mantan napi                                      | SERANGAN-3
BANI sok merakyat                                     | SERANGAN-2
Kusumayuda banyak janji, hasilnya nol                 | SERANGAN-4
Dipasena jangan omong doang                           | SERANGAN-1
Purnamarga gak usah bohong                            | SERANGAN-3
Bentala ngaca dong                                    | SERANGAN-4
selama ini ngapain CADA                               | SERANGAN-3
CADA isih gini gini ae                                | SERANGAN-3
Sekarwati pinter banget                               | PUJIAN+2
Wisanggeni kerja keras terus                          | PUJIAN+3
CADA hasilnya nyata                                   | PUJIAN+3
Wiramukti bukan kaleng kaleng                         | PUJIAN+1
Bu Nirmala debatnya keren. Emang pinter banget        | NAMA>2 PUJIAN+2
ARLIS rancak bana                                     | PUJIAN+1
CADA lemak nian                                       | PUJIAN+3
kito galo pilih BANI                                  | AJAKAN_KUAT+2
payo coblos nomor sikok                               | AJAKAN_KUAT+1 NOMOR>1
hayu pilih nomer opat                                 | AJAKAN_KUAT+4 NOMOR>4
PCB: Selamat Berjuang Arman Dipasena                  | BERITA NAMA>1
Ayo gunakan hak pilih, ASN netral                     | HAK_PILIH NETRALITAS
Debat: Arman-Lilis, Bagus-Nirmala, Cakra-Dahlia, Ratna-Yusran | BERIMBANG
EMBUN HULU, KOMPAS.com - Arman Dipasena membuka acara | BERITA NAMA>1
Selasa (14/10/2029) pagi ARLIS tiba                   | BERITA ALIAS>1
Bawaslu: guru mengunggah ajakan coblos nomor 2        | RESMI NOMOR>2
"Coblos nomor 2," kata ketua tim ARLIS                | BERITA NOMOR>2
"""

# Nothing that names a pair and nothing with a direction; context may be found.
SILENT = """
salam kompetensi
Salam literasi dari perpustakaan
rayu aku dong
jangan mau dirayu
Bani Israil dikisahkan dalam Al-Quran
Bagus banget acaranya bu
Dahlia di taman mekar indah sekali
Ratna juara kelas lagi, selamat ya sayang
Arman, tolong belikan beras
lagu Cakra enak didengar
Pilih menu nomor 3 paling enak
pilih jawaban nomor 2 kalau ragu
Antrian nomor 02 dipersilakan masuk
Kerja bakti RT 02 RW 03 hari Minggu jam 7 pagi
harga 2 ribu dapat 3
Rp 2 juta saja
diskon 3% hari ini
skor akhir 2-1 untuk tamu
jalan Merdeka no 2
rumah nomor 4 dijual
hubungi 0812-3456-789
nomor telepon 2 sudah tidak aktif
jam 3 sore kumpul di balai
tanggal 2 Mei libur
wali kelas 2 yang baru
Jersey nomor 2
gerbang tol nomor 2 ditutup
Indonesia juara 1
bantuan tahap dua disalurkan
punya dua anak dan satu cucu
tinggal 3 hari lagi
vaksin dosis kedua
Kabupaten Muara Embun 1
bukan kampanye, cuma info
jangan golput
sudah nyoblos belum?
datang ke tps ya
gunakan hak suaramu
Salam netral ✊
ASN wajib menjaga netralitas
Pilih kasih itu tidak baik
dukung timnas malam ini
tabung gas 3 kg langka
NKRI harga mati
nomor satu buat kulit berminyak
ukuran nomor 4 kosong
surat suara dicoblos satu kali
KPU menggelar simulasi pemungutan suara
https://contoh.id/coblos-nomor-2
surel: coblos.nomor2@contoh.id
foto kucing lucu
Mugi kita sedaya sehat lan rahayu
mohon info lowongan kerja
pan kita sudah janji
sukses terus, amin
ambil nomor antrean
naik kereta dari Sukabumi
PDI Perjuangan menggelar rapat
soalnya hujan terus
bingung mau pilih siapa ya
masa bodoh amat
kamar bersih dan wangi
Bandar Lampung macet
turun gunung tadi pagi
"""


def _rows(table: str) -> list[tuple[str, list[str]]]:
    rows = [line.partition("|") for line in table.strip().splitlines()]
    return [(text.strip().replace("\\n", "\n"), expected.split()) for text, _, expected in rows]


def _found(text: str) -> set[str]:
    """Every signal of the text in all notations of the table."""
    found = set()
    for signal in screen_text(text, REGISTRY):
        assert signal.code in CODES + CONTEXT_CODES
        pair = (signal.paslon or "").removeprefix("p")
        mark = {"pro": "+", "contra": "-", "hinder": "!", None: ""}[signal.direction]
        found |= {signal.code, f"{signal.code}>{pair}", f"{signal.code}{mark}{pair}"}
    return found


@pytest.mark.parametrize(("text", "expected"), _rows(SPEAKING), ids=lambda value: str(value)[:40])
def test_phrase_says(text: str, expected: list[str]) -> None:
    assert expected
    assert set(expected) <= _found(text)


@pytest.mark.parametrize("text", SILENT.strip().splitlines())
def test_phrase_is_silent(text: str) -> None:
    signals = screen_text(text, REGISTRY)
    assert [s for s in signals if s.code in NAMING or s.direction] == []


def test_table_is_large_enough() -> None:
    assert len(_rows(SPEAKING)) + len(SILENT.strip().splitlines()) >= 150
    assert len(SILENT.strip().splitlines()) >= 50
