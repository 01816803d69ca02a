"""Embeddings of registered candidates at rest: encrypted with the deployment's key, useless when a file leaks."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np
from cryptography.fernet import Fernet, InvalidToken

from app.errors import NotReady
from app.settings import Settings
from app.vision.observations import Floats

KEY_FILE = "secret.key"


def fernet(settings: Settings) -> Fernet:
    """The cipher of this deployment: from NETRA_SECRET_KEY, else from a key file made on first use (mode 0600)."""
    secret = settings.secret_key.get_secret_value()
    if not secret:
        secret = _key_file(settings.data_dir / KEY_FILE)
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()))


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


def seal(cipher: Fernet, embedding: Floats) -> bytes:
    """Ciphertext of a float32 vector."""
    return cipher.encrypt(np.ascontiguousarray(embedding, np.float32).tobytes())


def unseal(cipher: Fernet, token: bytes) -> Floats:
    """The vector. Raises NotReady when the key is not the one it was sealed with."""
    try:
        return np.frombuffer(cipher.decrypt(token), np.float32)
    except InvalidToken as error:
        raise NotReady(
            "Kunci sandi tidak cocok dengan galeri; pulihkan NETRA_SECRET_KEY atau secret.key"
            " / The key does not open the gallery: restore NETRA_SECRET_KEY or secret.key"
        ) from error
