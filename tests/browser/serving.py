"""Serving the console on the drawn sample, for the browser tests and for the pictures of the documentation."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app import jobs
from app.db.migrate import migrate
from app.settings import Settings
from tests import forked
from tests.browser.sample import fill


@dataclass(frozen=True)
class Site:
    """The running console: its address and the ids of the sample's flags by name."""

    url: str
    flags: dict[str, str]

    def item(self, name: str) -> str:
        """The address of a flag's page."""
        return f"{self.url}/antrean/{self.flags[name]}"


@contextmanager
def serve(
    data: Path, processes: int = 1, database: str = "", filled: Callable[[Settings], dict[str, str]] = fill
) -> Iterator[Site]:
    """Fill a database (SQLite in the folder `data` unless another is named) and serve it until the block ends.

    `filled` puts the sample in and returns the ids of its flags by name."""
    settings = Settings(_env_file=None, data_dir=data, database_url=database)  # type: ignore[call-arg]
    migrate(settings.sqlalchemy_url)
    jobs.migrate(settings.sqlalchemy_url)
    flags = filled(settings)
    chosen = {
        "DATABASE_URL": database,
        "DATA_DIR": str(data),
        "EMBEDDED_WORKER": "false",
        "LOG_LEVEL": "WARNING",
        "SIGN_IN_PER_MINUTE": "1000",
        "REQUESTS_PER_MINUTE": "100000",
        "STRANGERS_PER_MINUTE": "100000",
        "COSTLY_PER_MINUTE": "100000",
        "SECOND_LOOK_SHARE": "0",
    }
    environment = os.environ | {f"NETRA_{name}": value for name, value in chosen.items()}
    with forked.serving(environment, data / "server.log", processes) as url:
        yield Site(url, flags)
