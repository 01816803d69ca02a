"""Embeddings of registered candidates at rest: encrypted with the deployment's key, useless when a file leaks."""

from __future__ import annotations

import numpy as np
from cryptography.fernet import Fernet, InvalidToken

from app.errors import NotReady
from app.vision.observations import Floats


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
