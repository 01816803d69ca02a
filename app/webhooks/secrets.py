"""The secrets of webhooks at rest, and which of them sign now."""

from __future__ import annotations

from datetime import datetime

from cryptography.fernet import InvalidToken

from app.db.base import now
from app.db.hook_tables import Webhook
from app.errors import NotReady
from app.sealing import fernet
from app.settings import Settings


def sealed(settings: Settings, secret: str) -> bytes:
    """The secret as it is stored."""
    return fernet(settings).encrypt(secret.encode())


def old_until(hook: Webhook) -> datetime | None:
    """Until when the secret before signs too; None where it does not."""
    return hook.old_until if hook.old_until is not None and hook.old_until > now() else None


def valid(settings: Settings, hook: Webhook) -> list[str]:
    """The secrets that sign now, the newest first. Raises NotReady when the key does not open them."""
    tokens = [hook.secret]
    if hook.old_secret is not None and old_until(hook) is not None:
        tokens.append(hook.old_secret)
    cipher = fernet(settings)
    try:
        return [cipher.decrypt(token).decode() for token in tokens]
    except InvalidToken as error:
        raise NotReady(
            "Kunci sandi tidak cocok dengan rahasia webhook; pulihkan NETRA_SECRET_KEY, atau ganti rahasianya"
            " / The key does not open the webhook's secret: restore NETRA_SECRET_KEY, or rotate the secret"
        ) from error
