"""What can be handed in, and the checks that need no database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO
from urllib.parse import urlsplit

from app.db.tip_tables import TIP
from app.errors import BadInput
from app.rules.facts import ACCOUNTS, PUBLIC, UNKNOWN
from app.settings import Settings

PLATFORMS = (
    "", "instagram", "facebook", "tiktok", "x", "youtube", "whatsapp", "telegram", "threads", "website", "other",
)  # fmt: skip
SUBJECT_TYPES = (
    "unknown", "pns", "pppk", "ppnpn", "tni", "polri", "kades", "lurah_camat", "bumn", "pejabat", "penyelenggara",
)  # fmt: skip
CAPTURE_METHODS = ("upload", "original_bytes", "tab_screenshot", "area_screenshot", "selected_text", "bulk", TIP)
LENGTHS = {
    "url": 2000, "handle": 200, "parent": 200, "agency": 200, "contest": 80, "region": 20, "page_title": 500,
    "captured_at": 40, "posted_at": 100, "note": 2000, "evidence": 200_000, "sha256": 2000, "text_sha256": 64,
}  # fmt: skip
FACTS_OF_CAPTURE = ("page_title", "captured_at", "posted_at", "note", "evidence")
"""What a capturing browser tells besides the post; not part of what makes two uploads the same."""
PRIVATE_PLATFORMS = ("whatsapp",)
"""Where nobody but the members reads along, unless it is said otherwise."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One post to be screened. Either pictures or text; the contest is named itself or by its region."""

    images: Sequence[BinaryIO] = ()
    text: str = ""
    contest: str = ""
    region: str = ""
    platform: str = ""
    url: str = ""
    handle: str = ""
    subject_type: str = "unknown"
    agency: str = ""
    act_date: date | None = None
    known_date: date | None = None
    capture_method: str = "upload"
    public: str = ""
    parent: str = ""
    parent_text: str = ""
    account: str = ""
    page_title: str = ""
    captured_at: str = ""
    posted_at: str = ""
    note: str = ""
    evidence: str = ""
    sha256: str = ""
    text_sha256: str = ""
    idempotency_key: str = ""

    @property
    def channel(self) -> str:
        """Whether the public could see it: as stated, else as the platform is."""
        return self.public or ("no" if self.platform in PRIVATE_PLATFORMS else UNKNOWN)


def check(upload: Upload, settings: Settings) -> None:
    """Raise BadInput, naming the field, when the upload can never be accepted."""
    told_where = upload.capture_method == TIP and upload.url  # what the public saw, people look up
    if not upload.images and not upload.text.strip() and not told_where:
        raise BadInput("Sertakan gambar atau teks / Send a picture or text", field="images")
    if len(upload.images) > settings.max_images:
        raise BadInput(
            f"Paling banyak {settings.max_images} gambar / At most {settings.max_images} pictures", field="images"
        )
    for field in ("text", "parent_text"):
        if len(getattr(upload, field)) > (limit := settings.max_text_chars):
            raise BadInput(f"Teks lebih dari {limit} karakter / The text has more than {limit} characters", field=field)
    for field, limit in LENGTHS.items():
        if len(getattr(upload, field)) > limit:
            raise BadInput(f"Lebih dari {limit} karakter / More than {limit} characters", field=field)
    for field, known in (
        ("platform", PLATFORMS),
        ("subject_type", SUBJECT_TYPES),
        ("capture_method", CAPTURE_METHODS),
        ("public", ("", *PUBLIC)),
        ("account", ("", *ACCOUNTS)),
    ):
        if getattr(upload, field) not in known:
            choices = ", ".join(filter(None, known))
            raise BadInput(f"Tidak dikenal; pilihan / Unknown; choices: {choices}", field=field)
    if upload.url and not is_web_address(upload.url):
        raise BadInput("Alamat harus utuh, diawali http:// atau https:// / Needs a full http(s) address", field="url")


def is_web_address(url: str) -> bool:
    """Whether a browser may be led there: http or https with a host, nothing else (no javascript: or data:)."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and " " not in url
    except ValueError:
        return False


def key_of(upload: Upload, digests: Sequence[str], contest_id: str, submitter: str) -> str:
    """The digest of bytes and context as given: the same upload again has the same key."""
    context = [
        submitter, contest_id, upload.text, upload.platform, upload.url, upload.handle, upload.subject_type,
        upload.agency, str(upload.act_date), str(upload.known_date), upload.capture_method,
    ]  # fmt: skip
    # keys from before these were asked for stay what they were
    stated, said = [upload.public, upload.parent], [upload.parent_text, upload.account]
    context += stated if any([*stated, *said]) else []
    context += said if any(said) else []
    return hashlib.sha256(json.dumps([context, list(digests)]).encode()).hexdigest()
