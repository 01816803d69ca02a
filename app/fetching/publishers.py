"""Packs whose publisher is known: address, size, licence."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from app.errors import BadInput

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Published:
    """A pack as its publisher offers it. `sha256` of the archive is empty where the publisher gives none."""

    name: str
    about: str
    url: str
    page: str
    megabytes: int
    licence_id: str
    licence_en: str
    sha256: str = ""


@cache
def published() -> dict[str, Published]:
    """Name -> pack."""
    document = tomllib.loads(files("app.fetching").joinpath("data/publishers.toml").read_text(encoding="utf-8"))
    common = {key: document[key] for key in ("page", "licence_id", "licence_en")}
    return {
        name: Published(name, url=f"{document['files']}{name}.zip", **common, **entry)
        for name, entry in document["packs"].items()
    }


def elsewhere(name: str, url: str, sha256: str) -> Published:
    """A pack from an address that the user names. Raises BadInput where that cannot be trusted at all."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
        raise BadInput(
            "--url harus alamat https:// tanpa nama pengguna / --url must be an https:// address without a user name",
            field="url",
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK and not sha256:
        raise BadInput(
            "http:// dapat diubah di jalan: tambahkan --sha256, atau pakai https://. / "
            "http:// can be changed on its way: add --sha256, or use https://.",
            field="url",
        )
    known = published().get(name)
    unknown_id = "Lisensi paket ini tidak diketahui Netra; pastikan Anda boleh memakainya."
    unknown_en = "Netra does not know this pack's licence; make sure that you may use it."
    return Published(
        name=name,
        about="",
        url=url,
        page=url,
        megabytes=0,
        licence_id=known.licence_id if known else unknown_id,
        licence_en=known.licence_en if known else unknown_en,
    )
