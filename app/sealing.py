"""The deployment's own cipher, for what must be useless when a file or a database leaks."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

from app.errors import NotReady
from app.settings import Settings

KEY_FILE = "secret.key"


def fernet(settings: Settings) -> Fernet:
    """The cipher of this deployment."""
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(_secret(settings)).digest()))


def signing_key(settings: Settings, purpose: str) -> bytes:
    """A key of this deployment for signing, another one for each purpose; 32 bytes."""
    return hmac.digest(_secret(settings), purpose.encode(), "sha256")


def _secret(settings: Settings) -> bytes:
    """From NETRA_SECRET_KEY, else from a key file made on first use (mode 0600)."""
    return (settings.secret_key.get_secret_value() or _key_file(settings.data_dir / KEY_FILE)).encode()


def _key_file(path: Path) -> str:
    """The key in the file, which appears whole or not at all. Raises NotReady when it is empty."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        handle, name = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with os.fdopen(handle, "w") as file:
            file.write(Fernet.generate_key().decode())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
        Path(name).unlink()
    key = path.read_text().strip()
    if not key:
        raise NotReady(f"Berkas kunci kosong / The key file is empty: {path.name}; pulihkan / restore it from a backup")
    return key
