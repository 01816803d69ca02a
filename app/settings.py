"""Configuration: the only reader of the environment. Every value can be set as NETRA_<NAME>."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.errors import BadInput

REPOSITORY = Path(__file__).resolve().parent.parent

LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(lambda level: str(level).upper())]
POSTGRESQL = "postgresql+psycopg"


def _database(url: str) -> str:
    """The URL with the driver that is installed. Raises ValueError for what is neither SQLite nor PostgreSQL."""
    try:
        made = make_url(url) if url else None
    except ArgumentError as error:
        raise ValueError(
            "not a database URL, such as postgresql://user@host/netra or sqlite:////folder/file"
        ) from error
    if made is None or made.drivername in {"sqlite", POSTGRESQL}:
        return url
    if made.drivername in {"postgres", "postgresql"}:
        return made.set(drivername=POSTGRESQL).render_as_string(hide_password=False)
    raise ValueError(f"{made.drivername}: only sqlite and postgresql are served")


ORIGIN = re.compile(r"(https?|chrome-extension|moz-extension)://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
STANDARD_PORTS = {"http": ":80", "https": ":443"}


def _origins(listed: str) -> str:
    """The origins as browsers write them. Raises ValueError for what is none, such as `*`, null or a path."""
    found = []
    for one in filter(None, re.split(r"[,\s]+", listed.strip().lower())):
        match = ORIGIN.fullmatch(one)
        if match is None or int((match[3] or ":0")[1:]) > 65535:
            raise ValueError(f"{one[:80]}: not an origin, such as https://dasbor.example.id or http://localhost:5173")
        found.append(one.removesuffix(STANDARD_PORTS.get(match[1], " ")))
    return ",".join(dict.fromkeys(found))


class Settings(BaseSettings):
    """All settings with their defaults; the README's table lists them."""

    model_config = SettingsConfigDict(env_prefix="NETRA_", env_file=".env", extra="ignore")

    data_dir: Path = Field(REPOSITORY / "var", description="database, originals and keys, when not set one by one")
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        "", description="SQLAlchemy URL; empty: SQLite (WAL) in data_dir"
    )
    blob_url: str = Field("", description="file:///… or s3://bucket/prefix; empty: data_dir/blobs")
    models_dir: Path = Field(REPOSITORY / "models", description="manifest.toml and the prepared packs")
    model_pack: str = Field("default", description="name of the pack in models_dir")
    face_detector: str = Field("", description="SCRFD or YuNet file instead of the pack's own face detector")
    model_threads: int = Field(1, ge=1, description="threads of each onnxruntime session")
    secret_key: SecretStr = Field(
        SecretStr(""), description="key for stored embeddings and webhook secrets; empty: made in data_dir"
    )

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on")
    public_url: str = Field("", description="address that browsers use; https:// switches Secure cookies on")
    trusted_proxies: str = Field(
        "127.0.0.1", description="proxies whose X-Forwarded-For is believed: addresses or networks with commas between"
    )
    cors_origins: Annotated[str, AfterValidator(_origins)] = Field(
        "", description="origins whose pages may call the API with a token, with commas between; empty: none"
    )
    embedded_worker: bool = Field(True, description="screen in the API process; off when `netra worker` runs")
    worker_concurrency: int = Field(1, ge=1, description="jobs screened at a time by one process")
    heartbeat_seconds: float = Field(2.0, gt=0, description="how often a worker says that it lives")
    executor_silence_seconds: float = Field(10.0, gt=0, description="after which its jobs are taken over")
    max_attempts: int = Field(3, ge=1, description="after which a job that kills its worker is given up, visibly")

    max_images: int = Field(10, ge=1, description="pictures in one submission")
    max_image_bytes: int = Field(20 * 1024 * 1024, ge=1, description="bytes of one picture")
    max_image_pixels: int = Field(50_000_000, ge=1, description="pixels of one picture, read from its header")
    max_batch_items: int = Field(100, ge=1, le=1000, description="posts in one batch")
    max_batch_bytes: int = Field(256 * 1024 * 1024, ge=1, description="bytes of all pictures of one batch")
    max_text_chars: int = Field(10_000, ge=1, description="characters of one post's text")

    claim_minutes: float = Field(10.0, gt=0, description="how long an item is held without a sign of its holder")
    second_look_share: float = Field(0.1, ge=0, le=1, description="share of dismissals that a second person looks at")
    unflagged_sample: float = Field(
        0.02, ge=0, le=1, description="share of unflagged posts that people review, unmarked"
    )
    gold_share: float = Field(0.02, ge=0, le=0.2, description="share of raised items that a known case follows")

    session_hours: float = Field(12.0, gt=0, description="after which a browser must sign in again")
    sign_in_per_minute: int = Field(10, ge=1, description="tries to sign in, per address and login")
    requests_per_minute: int = Field(3000, ge=10, description="requests of every kind per token or person")
    strangers_per_minute: int = Field(600, ge=10, description="requests per address without a valid token or session")
    costly_per_minute: int = Field(120, ge=1, description="exports, searches and face checks per token or person")
    submissions_per_minute: int = Field(
        600, ge=1, description="submissions per token or user, counted before they are read"
    )
    submissions_per_day: int = Field(20_000, ge=0, description="new submissions per token and day (WIB); 0: no limit")
    queue_limit: int = Field(
        5000,
        ge=0,
        description="submissions that may wait for the machine; beyond, programs are told to wait; 0: no limit",
    )
    reserved_megabytes: int = Field(
        200, ge=0, description="free space on the disk of originals below which nothing is taken in; 0: no limit"
    )
    webhook_allow: str = Field(
        "", description="private hosts and networks that webhooks may call, with commas between; http is allowed there"
    )
    server: str = Field("", description="server that `netra upload` sends to; empty: the one on this machine")
    token: SecretStr = Field(SecretStr(""), description="API token of `netra upload`")
    log_level: LogLevel = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    @property
    def sqlalchemy_url(self) -> str:
        """The database, SQLite in the data folder when none is named."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'netra.db').resolve()}"

    @property
    def blobs_url(self) -> str:
        """Where originals are kept."""
        return self.blob_url or (self.data_dir / "blobs").resolve().as_uri()


@cache
def settings() -> Settings:
    """The settings of this process, read once. Raises BadInput, naming every value that is not acceptable."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"NETRA_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors())
        raise BadInput(f"Setelan tidak sah / Not a valid setting: {wrong}", field="settings") from error
