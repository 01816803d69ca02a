"""A worker process whose long work leaves a trace per step."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app import audit, jobs
from app.jobs.errands import Errand
from app.jobs.outcome import MACHINE
from app.settings import Settings

STEPS, PACE = 30, 0.08


def slowly(traces: Path, errand: Errand) -> dict[str, Any]:
    """Thirty steps; each writes an event in the transaction that records it."""
    errand.plan([f"langkah-{number}" for number in range(STEPS)])
    for number, subject in errand.waiting():
        (traces / f"begun_{os.getpid()}_{number}").touch()
        time.sleep(PACE)
        with Session(errand.engine) as session:
            errand.fence(session)
            audit.append(session, MACHINE, "work.step", "step", subject)
            errand.done(session, number, {"by": os.getpid()})
            session.commit()
    return {"workers": len({outcome["by"] for outcome in errand.outcomes()})}


def work(traces: Path) -> None:
    """A worker process, configured by the environment."""
    jobs.run_worker(Settings(), lambda *_: None, stop_seconds=2.0, kinds={"slow": partial(slowly, traces)})
