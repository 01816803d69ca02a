"""What the screens of each platform look like: words by which they are known, and words that are no part of a post."""

from __future__ import annotations

import re
from dataclasses import dataclass
from re import Pattern

UNIT = r"(?:detik|menit|mnt|jam|hari|minggu|mgg|bulan|bln|tahun|thn|[smhdwyj])"
AGO = rf"(?:baru saja|kemarin|just now|yesterday|\d{{1,3}}\s?{UNIT}\b(?:\s*(?:yang\s)?lalu|\s*ago)?)"
CLOCK = r"(?:[01]?\d|2[0-3])[.:][0-5]\d(?:\s?[AP]M)?"
MONTH = r"(?:jan|feb|mar|apr|mei|may|jun|jul|agu|aug|sep|okt|oct|nov|des|dec)[a-z]*\.?"
DAY = rf"(?:\d{{1,2}}\s{MONTH}(?:\s\d{{2,4}})?|{MONTH}\s\d{{1,2}}(?:,?\s\d{{4}})?|\d{{1,2}}[/-]\d{{1,2}}[/-]\d{{2,4}})"
COUNT = r"\d[\d.,]*\s?(?:rb|jt|ribu|juta|k|m)?"


def words(pattern: str) -> Pattern[str]:
    """The pattern for whole lines, whatever their case."""
    return re.compile(rf"^\W*(?:{pattern})\W*$", re.IGNORECASE)


WHEN = words(
    rf"(?:{AGO}|{DAY})(?:\s*(?:pukul|at|jam|,|·|\.|-)?\s*{CLOCK})?"
    r"(?:\s*[·.\-•]?\s*(?:publik|public|teman|friends))?"
    rf"|{CLOCK}\s*[·.\-•]\s*{DAY}.*"
)
"""A line that says when a post was made."""
STATUS = words(
    rf"{CLOCK}(?:\s.*)?|\d{{1,3}}\s?%|(?:[345]G|LTE|VoLTE|H\+?)(?:\s.*)?|"
    r"(?:telkomsel|indosat|ioh|xl|axis|tri|3|smartfren)(?:\s.*)?|[\d.,]+\s?[KM]B/s"
)
"""A line of the bar with clock and battery, where it stands at the upper edge."""
HANDLE = re.compile(r"^@?[a-z0-9](?:[a-z0-9._]{1,28})[a-z0-9_]$")
AT_HANDLE = re.compile(r"@[A-Za-z0-9._]{2,30}")


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform: `marks` are lines by which it is known, with what each is worth (1 is enough); `controls` are
    buttons and captions of the program; `counts` tell likes and the like; after `ends` come the words of others."""

    name: str
    marks: tuple[tuple[Pattern[str], float], ...]
    controls: Pattern[str]
    counts: Pattern[str]
    ends: Pattern[str]


LIKES = rf"{COUNT}\s*(?:suka|likes?|menyukai|orang menyukai.*)|(?:disukai oleh|liked by)\s.+"
COMMENTS = (
    rf"(?:lihat|tampilkan)\s(?:semua\s)?{COUNT}\s*(?:komentar|balasan)(?:\slainnya)?|view (?:all )?{COUNT} comments?"
)
SHARED = r"(?:kali dibagikan|dibagikan|shares?)"
SHARES = rf"{COUNT}\s*(?:komentar|comments?|{SHARED})(?:\W+{COUNT}\s*{SHARED})?"
BUTTONS = r"(?:suka|like)\s+(?:komentari?|comment)(?:\s+(?:bagikan|share|kirim|send))?"
REPOSTS = (
    rf"(?:{COUNT}\s*(?:posting ulang|postingan ulang|repost\w*|retweet\w*|kutipan|quotes?|suka|likes?|markah|"
    r"bookmarks?|tayangan|views?)\W*)+"
)

PLATFORMS = (
    Platform(
        "instagram",
        ((words(LIKES), 0.7), (words(COMMENTS), 0.6), (words(r"instagram|reels|terjemahkan|lihat terjemahan"), 0.4)),
        words(
            r"ikuti|mengikuti|follow|following|instagram|reels|selengkapnya|lihat terjemahan|tambahkan komentar.*|"
            r"balas|reply"
        ),
        words(LIKES),
        words(COMMENTS),
    ),
    Platform(
        "facebook",
        (
            (words(BUTTONS), 0.8),
            (words(rf"(?:{AGO}|{DAY}).*\W(?:publik|public)"), 0.7),
            (words(r"tulis komentar.*|write a comment.*|paling relevan|most relevant"), 0.5),
        ),
        words(
            rf"{BUTTONS}|suka|komentari|bagikan|balas|ikuti|follow|lihat selengkapnya|tulis komentar.*|"
            r"paling relevan|facebook"
        ),
        words(rf"{SHARES}|{LIKES}"),
        words(rf"{BUTTONS}|{SHARES}|paling relevan|most relevant"),
    ),
    Platform(
        "tiktok",
        (
            (words(r"(?:♫|♪)?\s*(?:suara asli|original sound).*"), 0.8),
            (words(r"untuk anda|for you|mengikuti\s+untuk anda|following\s+for you|cari konten.*"), 0.6),
            (words(r"@[a-z0-9._]{2,30}"), 0.3),
        ),
        words(
            r"(?:suara asli|original sound).*|untuk anda|for you|mengikuti.*|following.*|ikuti|follow|"
            r"lihat terjemahan|tambahkan komentar.*|balas"
        ),
        words(COUNT),
        words(rf"{COUNT}\s*(?:komentar|comments?)"),
    ),
    Platform(
        "whatsapp",
        (
            (words(r"(?:ketik pesan|pesan|message|diteruskan(?: berkali-kali)?|forwarded.*)"), 0.6),
            (words(r"online|terakhir dilihat.*|last seen.*|ketuk .* info .*|.*,\s(?:anda|you)"), 0.6),
            (words(r"grup\s.+"), 0.5),
            (words(CLOCK), 0.5),
        ),
        words(
            r"ketik pesan|pesan|message|diteruskan.*|forwarded.*|online|terakhir dilihat.*|last seen.*|hari ini|"
            r"kemarin|ketuk .* info .*"
        ),
        words(r"(?!)"),
        words(r"(?!)"),
    ),
    Platform(
        "x",
        (
            (words(REPOSTS), 0.8),
            (words(r"(?:postingan|post|posting|tweet|posting balasan anda|post your reply|balas|reply)"), 0.4),
            (words(rf"{CLOCK}\s*[·.\-•]\s*{DAY}.*"), 0.5),
            (words(rf".*@\w{{2,15}}(?:\s*[·.\-•]\s*(?:{AGO}|{DAY}))?"), 0.4),
        ),
        words(
            r"postingan|post|posting|tweet|ikuti|follow|posting balasan anda.*|post your reply.*|balas|reply|"
            r"tampilkan terjemahan"
        ),
        words(REPOSTS),
        words(rf"{REPOSTS}|posting balasan anda.*|post your reply.*"),
    ),
)
ENOUGH = 0.7
"""Worth of marks from which a platform is taken as known."""
