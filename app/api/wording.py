"""What is wrong with one field, in Indonesian and English, from pydantic's error codes; never with its value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from app.roster.file import UNKNOWN_POSE, UNSEEN_POSE

WORDING = {
    "missing": "wajib diisi / is required",
    "extra_forbidden": "kolom ini tidak dikenal / is not a known field",
    "string_type": "harus berupa teks / must be text",
    "string_unicode": "memuat karakter yang rusak / contains broken characters",
    "string_too_short": "paling sedikit {min_length} karakter / at least {min_length} characters",
    "string_too_long": "paling banyak {max_length} karakter / at most {max_length} characters",
    "string_pattern_mismatch": "bentuknya tidak sesuai / does not have the expected form",
    "too_short": "paling sedikit {min_length} butir / at least {min_length} items",
    "too_long": "paling banyak {max_length} butir / at most {max_length} items",
    "enum": "pilih salah satu / choose one of: {expected}",
    "literal_error": "pilih salah satu / choose one of: {expected}",
    "greater_than": "harus lebih dari {gt} / must be more than {gt}",
    "greater_than_equal": "paling kecil {ge} / at least {ge}",
    "less_than": "harus kurang dari {lt} / must be less than {lt}",
    "less_than_equal": "paling besar {le} / at most {le}",
    "timezone_aware": "harus memuat zona waktu / must name its time zone",
    "json_invalid": "bukan JSON yang sah / is not valid JSON",
    "pose_unknown": UNKNOWN_POSE,
    "pose_unseen": UNSEEN_POSE,
}
EMPTY = "tidak boleh kosong / must not be empty"
ONE = {
    ("string_too_short", "min_length"): EMPTY,
    ("too_short", "min_length"): EMPTY,
    ("string_too_long", "max_length"): "paling banyak 1 karakter / at most 1 character",
    ("too_long", "max_length"): "paling banyak 1 butir / at most 1 item",
}
"""Where the limit is one."""
FAMILIES = {
    "date": "harus tanggal seperti 2029-09-02 / must be a date like 2029-09-02",
    "datetime": "harus waktu seperti 2029-09-02T08:15:00+07:00 / must be a moment like 2029-09-02T08:15:00+07:00",
    "int": "harus bilangan bulat / must be a whole number",
    "float": "harus bilangan / must be a number",
    "bool": "harus true atau false / must be true or false",
    "uuid": "harus UUID / must be a UUID",
    "list": "harus daftar / must be a list",
    "model": "harus objek JSON / must be a JSON object",
    "dict": "harus objek JSON / must be a JSON object",
}
OTHERWISE = "tidak dapat diterima / is not acceptable"


def explain(error: Mapping[str, Any]) -> str:
    """The sentence for one of pydantic's errors (keys `type` and `ctx`)."""
    code = str(error["type"])
    details = {name: plain(value) for name, value in (error.get("ctx") or {}).items()}
    alone = next((words for (of, limit), words in ONE.items() if of == code and details.get(limit) == 1), None)
    pattern = alone or WORDING.get(code) or FAMILIES.get(code.split("_", maxsplit=1)[0], OTHERWISE)
    try:
        return pattern.format(**details)
    except KeyError:
        return OTHERWISE


def plain(value: object) -> object:
    """A limit as people write it: pydantic tells those of dates as Python does."""
    if isinstance(value, str) and (found := re.fullmatch(r"datetime\.date\((\d+), (\d+), (\d+)\)", value)):
        return date(*map(int, found.groups())).isoformat()
    return value
