"""One error tree: each error knows its HTTP status, its problem type and the field it is about (RFC 9457)."""

from __future__ import annotations


class AppError(Exception):
    """Something the caller can understand and act on; the API turns it into problem+json, the CLI into an exit code."""

    status = 500
    type = "internal"
    title = "Kesalahan dalam / Internal error"
    exit_code = 2
    """Of a command that ends with this error."""

    def __init__(self, detail: str, *, field: str | None = None, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.extra = extra

    def problem(self) -> dict[str, object]:
        """The problem+json members of this error."""
        body: dict[str, object] = {"type": f"urn:netra:problem:{self.type}", "title": self.title, "status": self.status}
        body["detail"] = self.detail
        if self.field is not None:
            body["field"] = self.field
        return body | self.extra


class BadInput(AppError):
    """The request can never succeed as it is."""

    status = 422
    type = "bad-input"
    title = "Masukan tidak dapat diterima / Input not acceptable"


class UnsafeImage(BadInput):
    """A picture that cannot or must not be decoded."""

    type = "unsafe-image"
    title = "Gambar tidak dapat diterima / Picture not acceptable"


class TooLarge(AppError):
    """More bytes, pixels or characters than the settings allow."""

    status = 413
    type = "too-large"
    title = "Terlalu besar / Too large"


class NotSignedIn(AppError):
    """Nobody is signed in, or the token is unknown, expired or revoked."""

    status = 401
    type = "not-signed-in"
    title = "Belum masuk / Not signed in"


class NotAllowed(AppError):
    """Signed in, but this role or scope may not do it."""

    status = 403
    type = "not-allowed"
    title = "Tidak berwenang / Not allowed"


class NotFound(AppError):
    """No such thing, or none that this caller may see."""

    status = 404
    type = "not-found"
    title = "Tidak ditemukan / Not found"


class Conflict(AppError):
    """The thing has changed since the caller saw it, or is not in a state that allows the act."""

    status = 409
    type = "conflict"
    title = "Keadaan sudah berubah / State has changed"


class TooMany(AppError):
    """A rate limit."""

    status = 429
    type = "too-many"
    title = "Terlalu banyak permintaan / Too many requests"


class StorageFull(AppError):
    """The store cannot take more bytes."""

    status = 507
    type = "storage-full"
    title = "Penyimpanan penuh / Storage full"


class QueueFull(AppError):
    """Too much waits for the machine; `retry_after` says when there may be room."""

    status = 503
    type = "queue-full"
    title = "Antrean penuh / The queue is full"


class NotReady(AppError):
    """A part that is needed (a model pack, the database) is missing; the detail says what to run."""

    status = 503
    type = "not-ready"
    title = "Belum siap / Not ready"
    exit_code = 3
