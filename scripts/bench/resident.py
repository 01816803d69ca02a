"""Peak memory of a worker process and of an API process without a worker, with real uploads, pages and pictures."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from material import Item

from app import jobs
from app.db.migrate import migrate
from app.demo.run import CONTEST, load_demo
from app.main import open_services
from app.settings import REPOSITORY, Settings

CLIENTS = 4
"""Uploads and requests at a time."""
PATIENCE = 900.0
PAGES = ("/antrean", "/kiriman", "/kontes", f"/kontes/{CONTEST}", "/bantuan", "/kirim")
LINKS = re.compile(r"""(?:href|src|srcset)="(/(?:media|static)/[^"\s]+)""")
Advance = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Peaks:
    """Megabytes (10^6 bytes) of resident memory at their highest, and how much work led there."""

    worker: float
    api: float
    screened: int
    requests: int


def measure(items: Sequence[Item], advance: Advance) -> Peaks:
    """Hand the set in through the API of one process, screen it in another, look at pages and pictures."""
    with tempfile.TemporaryDirectory(prefix="netra-bench-") as name:
        folder = Path(name)
        sign_ins = _prepare(folder, advance)
        port = _free_port()
        with _netra(folder, "serve", "--port", str(port)) as api, _netra(folder, "worker") as worker:
            address = f"http://127.0.0.1:{port}"
            _until(lambda: _answers(address), api)
            advance("uploads")
            with _signed_in(address, "pkd.cermin", sign_ins) as client, ThreadPoolExecutor(CLIENTS) as pool:
                ids = set(pool.map(lambda item: _hand_in(client, item), items))
                advance("worker")
                _until(lambda: _screened(client), api, worker)
            advance("console")
            with _signed_in(address, "reviewer.a", sign_ins) as client:
                requests = _look_around(client)
            return Peaks(_peak(worker), _peak(api), len(ids), requests)


def _prepare(folder: Path, advance: Advance) -> dict[str, str]:
    """The demo election in a fresh database; the sign-ins of its people."""
    settings = Settings(data_dir=folder, database_url="", blob_url="")
    migrate(settings.sqlalchemy_url)
    jobs.migrate(settings.sqlalchemy_url)
    services = open_services(settings)
    try:
        with services.sessions() as session:
            return load_demo(session, services, advance)
    finally:
        services.engine.dispose()


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


@contextmanager
def _netra(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A `netra` process as people start it."""
    environment = os.environ | {
        "NETRA_DATA_DIR": str(folder),
        "NETRA_DATABASE_URL": "",
        "NETRA_BLOB_URL": "",
        "NETRA_EMBEDDED_WORKER": "false",
        "NETRA_LOG_LEVEL": "WARNING",
    }
    command = [str(Path(sys.executable).with_name("netra")), *arguments]
    log = folder / f"{arguments[0]}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=output, stderr=output)
    try:
        yield process
    except Exception as error:
        error.add_note(f"netra {arguments[0]}: {log.read_text(errors='replace')[-2000:]}")
        raise
    finally:
        process.terminate()
        process.wait(30)


def _until(happened: Callable[[], bool], *needed: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        if any(process.poll() is not None for process in needed):
            raise RuntimeError("a netra process ended")
        if time.monotonic() > end:
            raise TimeoutError(f"not done within {PATIENCE:.0f} s")
        time.sleep(0.2)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def _signed_in(address: str, login: str, sign_ins: dict[str, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, headers={"Origin": address}, timeout=120) as client:
        client.post("/api/v1/session", json={"login": login, "password": sign_ins[login]}).raise_for_status()
        yield client


def _hand_in(client: httpx.Client, item: Item) -> str:
    form = {"contest": CONTEST, "text": item.text}
    answer = client.post("/api/v1/submissions", data=form, files={"images": item.data})
    return str(answer.raise_for_status().json()["id"])


def _screened(client: httpx.Client) -> bool:
    listed = client.get("/api/v1/submissions", params={"limit": 200}).raise_for_status().json()["items"]
    if any(entry["state"] == "failed" for entry in listed):
        raise RuntimeError("a submission could not be screened")
    return all(entry["state"] == "screened" for entry in listed)


def _look_around(client: httpx.Client) -> int:
    """Every page, every flag, every picture on them; how many requests that were."""
    flags = client.get("/api/v1/flags", params={"limit": 200}).raise_for_status().json()["items"]
    pages = [*PAGES, *(f"/antrean/{flag['id']}" for flag in flags)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        texts = pool.map(lambda page: client.get(page).raise_for_status().text, pages)
        links = sorted({link for text in texts for link in LINKS.findall(text)})
        links += [f"/media/flags/{flag['id']}/images/0?blur=1" for flag in flags]
        list(pool.map(lambda link: client.get(link.replace("&amp;", "&")).raise_for_status(), links))
    return 1 + len(pages) + len(links)


def _peak(process: subprocess.Popen[bytes]) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 / 1e6 if found else float("nan")
