"""The processes of the intake bench: a database, Netra's server and worker, the peer; their cost, what they kept."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from sqlalchemy import func, select, text

from app import audit, jobs
from app.auth.principal import SYSTEM
from app.auth.tokens import create_token
from app.db.event_tables import Event
from app.db.migrate import migrate
from app.db.people_tables import User
from app.db.submission_tables import Submission, SubmissionImage
from app.demo.run import load_demo
from app.main import open_services
from app.screening.service import Services
from app.settings import REPOSITORY, Settings
from tests import postgres

SUBMITTER = "pkd.cermin"
PATIENCE = 120.0
TICKS = os.sysconf("SC_CLK_TCK")
Process = subprocess.Popen[bytes]
SERVING = ("--no-access-log", "--no-server-header", "--log-level", "warning")


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that runs, and where it keeps things."""

    services: Services
    token: str
    netra: Process
    netra_port: int
    peer: Process
    peer_port: int
    peer_folder: Path
    database_pid: int | None

    def cpu(self, process: Process, *, database: bool) -> float:
        """CPU-seconds of this server so far, with those of the database server where it has one."""
        of_database = family(self.database_pid) if database and self.database_pid else ()
        return sum(spent(pid) for pid in (process.pid, *of_database))

    def screened(self) -> int:
        """How many submissions have been screened."""
        with self.services.sessions() as session:
            return jobs.stats(session)["screened"]


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Site]:
    """Netra on a fresh `kind` (sqlite or postgresql) with a worker, and the peer, until the block ends."""
    with ExitStack() as stack:
        url = stack.enter_context(postgres.cluster(durable=True)).format(name="postgres") if kind != "sqlite" else ""
        settings = Settings(_env_file=None, data_dir=folder, database_url=url)  # type: ignore[call-arg]
        migrate(settings.sqlalchemy_url)
        jobs.migrate(settings.sqlalchemy_url)
        services = open_services(settings)
        stack.callback(services.engine.dispose)
        with services.sessions() as session:
            load_demo(session, services, lambda _step: None)
            owner = session.scalars(select(User).where(User.login == SUBMITTER)).one()
            token, _ = create_token(session, SYSTEM, owner, "bench", ["submit"])
            session.commit()
        peer_folder = folder / "peer"
        peer_folder.mkdir()
        values = {"DATA_DIR": folder, "DATABASE_URL": url, "BLOB_URL": "", "EMBEDDED_WORKER": "false"}
        values |= {"QUEUE_LIMIT": 0, "REQUESTS_PER_MINUTE": 1_000_000, "SUBMISSIONS_PER_MINUTE": 100_000}
        values |= {"BENCH_PEER": peer_folder}
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
        environment |= {f"NETRA_{name}": str(value) for name, value in values.items()}
        netra_port, peer_port = free_port(), free_port()
        netra_command = str(Path(sys.executable).with_name("netra"))
        uvicorn = [sys.executable, "-m", "uvicorn", "--app-dir", str(Path(__file__).parent), *SERVING]
        commands = (
            [netra_command, "serve", "--port", str(netra_port)],
            [*uvicorn, "intake_peer:app", "--port", str(peer_port)],
            [netra_command, "worker"],
        )
        netra, peer, _ = (
            stack.enter_context(running(command, environment, folder / f"{number}.log"))
            for number, command in enumerate(commands)
        )
        until_it_answers(f"http://127.0.0.1:{netra_port}/healthz", netra)
        until_it_answers(f"http://127.0.0.1:{peer_port}/openapi.json", peer)
        yield Site(services, token, netra, netra_port, peer, peer_port, peer_folder, _postmaster(url))


@contextmanager
def running(command: Sequence[str], environment: dict[str, str], log: Path) -> Iterator[Process]:
    """A process until the block ends; its log is added to what goes wrong."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=output, stderr=output)
    try:
        yield process
    except Exception as error:
        error.add_note(f"{' '.join(command[1:4])}: {log.read_text(errors='replace')[-2000:]}")
        raise
    finally:
        process.terminate()
        process.wait(60)


def until_it_answers(address: str, process: Process) -> None:
    """Wait for 200. Raises RuntimeError when the process ends, TimeoutError."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError("a process ended")
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise TimeoutError(address)


def lost(site: Site, acknowledged: dict[str, str]) -> list[str]:
    """What does not hold of these uploads (id -> sha256 as sent): each is one submission with its event, job and
    original, and nobody else is there."""
    with site.services.sessions() as session:
        query = select(SubmissionImage.submission_id, SubmissionImage.sha256, Submission.key)
        rows = session.execute(query.join(Submission)).all()
        received = session.scalar(select(func.count()).where(Event.action == "submission.received"))
        queued = session.scalar(text("SELECT count(*) FROM " + _jobs_table(site)))
        chain = audit.verify(session)
    kept = {str(row[0]): row[1] for row in rows}
    faults = [f"{one}: not in the database" for one, digest in acknowledged.items() if kept.get(one) != digest]
    faults += [f"{one}: never acknowledged" for one in kept.keys() - acknowledged.keys()]
    if not len(rows) == len({row[2] for row in rows}) == received == queued:
        faults.append(f"{len(rows)} pictures, {received} events, {queued} jobs")
    if chain.broken_at is not None:
        faults.append(f"the chain is broken at {chain.broken_at}: {chain.reason}")
    for digest in acknowledged.values():
        if site.services.blobs.get(digest) is None:  # raises when it is gone or damaged
            faults.append(f"{digest}: no original")
    return faults


def lost_by_peer(site: Site, acknowledged: dict[str, str]) -> list[str]:
    """The same of the peer's files."""
    found = {path.name.partition("-")[0]: path for path in site.peer_folder.iterdir()}
    wrong = [
        one
        for one, digest in acknowledged.items()
        if one not in found or hashlib.sha256(found[one].read_bytes()).hexdigest() != digest
    ]
    return [f"{one}: not on the disk" for one in wrong]


def _jobs_table(site: Site) -> str:
    return "workflow_status" if site.services.engine.dialect.name == "sqlite" else "dbos.workflow_status"


# -- processes ------------------------------------------------------------------------------------------------------


def spent(pid: int) -> float:
    """CPU-seconds of a process so far, 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def family(parent: int) -> Iterable[int]:
    """A process and its children."""
    yield parent
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent:
            yield int(status.parent.name)


def resident(process: Process) -> float:
    """Megabytes of resident memory now."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def open_files(process: Process) -> int:
    """How many files, sockets and pipes a process holds."""
    return sum(1 for _ in Path(f"/proc/{process.pid}/fd").iterdir())


def _postmaster(url: str) -> int | None:
    host = parse_qs(urlsplit(url).query).get("host")
    return int((Path(host[0]) / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0]) if host else None


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
