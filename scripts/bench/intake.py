"""Intake under load: acknowledged uploads a second beside a bare endpoint that only writes and syncs the same bytes.

usage: python scripts/bench/intake.py [--json] [--quick] [--database sqlite|postgresql] [--rounds N] [--seconds S]

Netra as `netra serve` runs it, with a token and `netra worker` screening a backlog all the time, and intake_peer.py, a
bare FastAPI endpoint under the same server. 16 clients in a process of their own, on connections that are kept, hand
in JPEG pictures of 60 to 200 kB, each with other bytes, to one and to the other in turns. What counts is the ratio
within a round: both meet the same neighbours. Then Netra alone meets clients that all send the same pictures, that send
slowly, and that break off in the middle. At the end every acknowledged upload is looked up in the database and on the
disk.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import argparse
import json
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from intake_clients import Done
from intake_site import Site, lost, lost_by_peer, open_files, opened, resident
from material import mixed_set
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from app.demo.run import CONTEST
from app.settings import REPOSITORY
from tests import postgres

Json = dict[str, Any]
CLIENTS = 16
GOAL = 0.6
SMALLEST, LARGEST = 60_000, 200_000
NETRA, PEER = "netra", "peer"
MANNERS = ("same", "slow", "cut")
notes = Console(stderr=True)


@dataclass
class Side:
    """What one of the two did, round by round."""

    rates: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    screened: list[int] = field(default_factory=list)
    uploads: list[Done] = field(default_factory=list)

    @property
    def acknowledged(self) -> dict[str, str]:
        """id -> sha256 of what was answered with 202."""
        return {one.id: one.sha256 for one in self.uploads if one.status == 202}


def main() -> int:
    """Measure, then print a table or JSON; 1 when something acknowledged was lost."""
    options = _options()
    kinds = [options.database] if options.database else ["sqlite", *(["postgresql"] if postgres.binaries() else [])]
    with tempfile.TemporaryDirectory(prefix="netra-bench-") as name, Progress(console=notes, transient=True) as shown:
        pictures = Path(name) / "pictures"
        pictures.mkdir()
        chosen = phone_pictures(options.data, quick=options.quick)
        for number, data in enumerate(chosen):
            (pictures / f"{number:02}.jpg").write_bytes(data)
        found = {}
        for kind in kinds:
            task = shown.add_task(kind, total=options.rounds)
            folder = Path(name) / kind
            folder.mkdir()
            with opened(kind, folder) as site:
                found[kind] = measure(site, pictures, options, lambda task=task: shown.advance(task))
    result = {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "clients": CLIENTS,
        "rounds": options.rounds,
        "seconds": options.seconds,
        "pictures": {"distinct": len(chosen), "mean_bytes": round(sum(map(len, chosen)) / len(chosen))},
        "goal": GOAL,
        "databases": found,
    }
    if options.json:
        print(json.dumps(result, indent=1))
    else:
        _show(result)
    return int(any(one["lost"] for one in found.values()))


def measure(site: Site, pictures: Path, options: argparse.Namespace, advance: Callable[[], None]) -> Json:
    """Rounds of both, the one that begins changing; warmed up by a short one that fills the backlog."""
    sides, warm = {NETRA: Side(), PEER: Side()}, {NETRA: Side(), PEER: Side()}
    for name in sides:
        _round(site, name, warm[name], pictures, min(4.0, options.seconds), "warm")
    memory, files = [resident(site.netra)], [open_files(site.netra)]
    for number in range(options.rounds):
        for name in (NETRA, PEER) if number % 2 else (PEER, NETRA):
            _round(site, name, sides[name], pictures, options.seconds, f"{number}")
        advance()
    rough = {manner: Side() for manner in MANNERS}
    for manner, side in rough.items():
        _round(site, NETRA, side, pictures, min(4.0, options.seconds), manner, manner)
    memory.append(resident(site.netra))
    files.append(open_files(site.netra))
    ratios = [one / other for one, other in zip(sides[NETRA].rates, sides[PEER].rates, strict=True)]
    kept = warm[NETRA].acknowledged | sides[NETRA].acknowledged
    for side in rough.values():
        kept |= side.acknowledged
    return {
        "ratio": {
            "median": round(median(ratios), 3),
            "lowest": round(min(ratios), 3),
            "highest": round(max(ratios), 3),
        },
        "met": median(ratios) >= GOAL,
        **{name: _told(side) for name, side in sides.items()},
        "rough": {
            manner: {"answered": len(side.uploads), "distinct": len(side.acknowledged), "errors": errors_of(side)}
            for manner, side in rough.items()
        },
        "api_mb": [round(one, 1) for one in memory],
        "api_open_files": files,
        "submissions": len(kept),
        "lost": lost(site, kept) + lost_by_peer(site, warm[PEER].acknowledged | sides[PEER].acknowledged),
    }


def _round(site: Site, name: str, side: Side, pictures: Path, seconds: float, label: str, manner: str = "even") -> None:
    ours = name == NETRA
    process, port = (site.netra, site.netra_port) if ours else (site.peer, site.peer_port)
    plan = {
        "host": "127.0.0.1",
        "port": port,
        "path": "/api/v1/submissions" if ours else "/uploads",
        "token": site.token,
        "contest": CONTEST,
        "pictures": str(pictures),
        "clients": CLIENTS,
        "seconds": seconds,
        "name": label,
        "manner": manner,
    }
    spent, screened = site.cpu(process, database=ours), site.screened()
    command = [sys.executable, str(Path(__file__).with_name("intake_clients.py"))]
    answered = subprocess.run(command, input=json.dumps(plan).encode(), stdout=subprocess.PIPE, check=True)
    done = json.loads(answered.stdout)
    uploads = [Done(*one) for one in done["uploads"]]
    acknowledged = sum(one.status == 202 for one in uploads)
    side.rates.append(acknowledged / done["seconds"])
    side.cpu_ms.append((site.cpu(process, database=ours) - spent) * 1000 / max(1, acknowledged))
    side.screened.append(site.screened() - screened)
    side.uploads += uploads


def _told(side: Side) -> Json:
    times = sorted(one.ms for one in side.uploads)
    return {
        "per_second": round(median(side.rates), 1),
        "p50_ms": round(times[len(times) // 2], 1),
        "p99_ms": round(times[int(len(times) * 0.99)], 1),
        "cpu_ms_per_upload": round(median(side.cpu_ms), 2),
        "acknowledged": len(side.acknowledged),
        "errors": errors_of(side),
        "screened_meanwhile": sum(side.screened),
    }


def errors_of(side: Side) -> dict[str, int]:
    """How often it was answered with anything but 202."""
    return dict(Counter(str(one.status) for one in side.uploads if one.status != 202))


def phone_pictures(shared: Path, *, quick: bool) -> list[bytes]:
    """JPEG files as phones send them: those of the mixed set between 60 and 200 kB."""
    files: Iterable[bytes] = (item.data for item in mixed_set(shared, quick=quick))
    return [data for data in files if SMALLEST <= len(data) <= LARGEST and data.startswith(b"\xff\xd8")]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="JSON with stable keys")
    parser.add_argument("--quick", action="store_true", help="one round of two seconds: does it run at all")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only this one")
    parser.add_argument("--rounds", type=int, default=0, help="of each (default 6)")
    parser.add_argument("--seconds", type=float, default=0, help="of one round (default 8)")
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data", help="real pictures")
    options = parser.parse_args()
    options.rounds = max(1, options.rounds or (1 if options.quick else 6))
    options.seconds = options.seconds or (2.0 if options.quick else 8.0)
    return options


def _show(result: Json) -> None:
    out = Console(width=max(110, notes.width))
    about = f"{result['clients']} clients, {result['rounds']} rounds of {result['seconds']:g} s, load {result['load']}"
    table = Table("", title=about, title_justify="left")
    for head in ("uploads/s", "p50 ms", "p99 ms", "CPU ms", "acknowledged", "errors", "screened meanwhile"):
        table.add_column(head, justify="right")
    for kind, found in result["databases"].items():
        for name in (NETRA, PEER):
            one = found[name]
            cells = [one[key] for key in ("per_second", "p50_ms", "p99_ms", "cpu_ms_per_upload", "acknowledged")]
            cells += [one["errors"] or "-", one["screened_meanwhile"]]
            table.add_row(f"{kind}, {name}", *map(str, cells))
    out.print(table)
    for kind, found in result["databases"].items():
        ratio, (before, after), files = found["ratio"], found["api_mb"], found["api_open_files"]
        spread = f"rounds {ratio['lowest']:.3f}-{ratio['highest']:.3f}"
        out.print(f"{kind}: ratio {ratio['median']:.3f} ({spread}), goal {GOAL} {'✓' if found['met'] else '✗'}")
        for manner, one in found["rough"].items():
            told = f"{one['answered']} answered, {one['distinct']} submissions, errors {one['errors'] or 'none'}"
            out.print(f"  {manner}: {told}")
        out.print(f"  API process: {before} -> {after} MB, open files {files[0]} -> {files[1]}")
        out.print(f"  {found['submissions']} submissions in all", highlight=False)
        out.print(f"  lost or double: {found['lost'][:5] or 'none'}")


if __name__ == "__main__":
    sys.exit(main())
