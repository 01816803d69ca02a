"""One character at a time to its plain form: case, accents, look-alikes of other scripts, decorated letters."""

from __future__ import annotations

import unicodedata

LOOKALIKES = {
    # Cyrillic and Greek letters that are drawn like Latin ones
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ё": "e", "һ": "h", "н": "h", "і": "i", "ј": "j", "к": "k",
    "ӏ": "l", "м": "m", "п": "n", "о": "o", "р": "p", "ԛ": "q", "г": "r", "ѕ": "s", "т": "t", "ц": "u", "у": "y",
    "ѵ": "v", "ԝ": "w", "х": "x", "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "μ": "m", "ν": "v",
    "ο": "o", "ρ": "p", "τ": "t", "υ": "u", "χ": "x", "ω": "w", "ı": "i", "ɡ": "g", "ɑ": "a", "ꜱ": "s", "ƨ": "s",
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "′": "'", "–": "-", "—": "-", "‑": "-", "−": "-", "“": '"',
    "”": '"', "„": '"', "«": '"', "»": '"',
}  # fmt: skip
_LATIN_NAMES = ("LATIN SMALL LETTER ", "LATIN CAPITAL LETTER ", "LATIN LETTER SMALL CAPITAL ")
_DECORATED_NAMES = ("NEGATIVE CIRCLED LATIN CAPITAL LETTER ", "NEGATIVE SQUARED LATIN CAPITAL LETTER ")
_DROPPED = {"Mn", "Me", "Cf"}
SKIN_TONES = range(0x1F3FB, 0x1F400)


def _fold_char(char: str) -> str:
    """What one character stands for: nothing (attached marks), one or more plain characters, or itself."""
    category = unicodedata.category(char)
    if category in _DROPPED or ord(char) in SKIN_TONES:
        return ""
    if char in "\n\r\x0b\x0c\x85\u2028\u2029":
        return "\n"
    if category in ("Cc", "Cs", "Co", "Cn", "Zs"):
        return " "
    expanded = "".join(_plain(part) for part in unicodedata.normalize("NFKD", char).casefold())
    return expanded if len(expanded) < 2 else _one_word(expanded)


def _one_word(expanded: str) -> str:
    """What a character that stands for several says ("ﬁ", "⑴", "…"): one word, one mark, or nothing readable."""
    first = next((place for place, char in enumerate(expanded) if char.isalnum()), None)
    if first is None:
        return expanded[0] if expanded[0] in ".!?" else " "
    word = expanded[first:].rstrip(".)] ")
    return word if word.isalpha() or word.isdecimal() else " "


def _plain(char: str) -> str:
    if char.isascii():
        return char
    if (alike := LOOKALIKES.get(char)) is not None:
        return alike
    if unicodedata.category(char) in _DROPPED:
        return ""
    name = unicodedata.name(char, "")
    for prefix in _LATIN_NAMES:
        if name.startswith(prefix):
            letter = name[len(prefix) :].split(" ")[0]
            return letter.lower() if len(letter) <= 2 else char
    for prefix in _DECORATED_NAMES:
        if name.startswith(prefix):
            return name[len(prefix)].lower()
    return char


class _Table(dict[str, str]):
    """Folded characters, filled as they are met (at most one entry for each character of Unicode)."""

    def __missing__(self, char: str) -> str:
        folded = self[char] = _fold_char(char)
        return folded


_TABLE = _Table()


def fold(text: str) -> tuple[str, list[int], list[int]]:
    """The folded text, and for each of its characters the first index and the index after the last in `text`.

    Characters that fold to nothing (accents, zero-width marks, skin tones) belong to the character before them.
    """
    if text.isascii():
        lowered = "".join(char if char >= " " or char == "\n" else " " for char in text.lower().replace("\r", "\n"))
        return lowered, list(range(len(text))), list(range(1, len(text) + 1))
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for index, char in enumerate(text):
        folded = _TABLE[char]
        if not folded and ends:
            ends[-1] = index + 1
        for part in folded:
            characters.append(part)
            starts.append(index)
            ends.append(index + 1)
    return "".join(characters), starts, ends
