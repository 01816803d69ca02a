"""A worker process whose long work leaves a trace per step: `python -m tests.durability.errand_worker`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app import audit, jobs
from app.jobs.errands import Errand
from app.jobs.outcome import MACHINE
from app.settings import Settings

STEPS = 30


def slowly(errand: Errand) -> dict[str, Any]:
    """Thirty steps; each writes an event in the transaction that records it."""
    traces, pace = Path(os.environ["TRACES"]), float(os.environ["PACE"])
    errand.plan([f"langkah-{number}" for number in range(STEPS)])
    for number, subject in errand.waiting():
        (traces / f"begun_{os.getpid()}_{number}").touch()
        time.sleep(pace)
        with Session(errand.engine) as session:
            errand.fence(session)
            audit.append(session, MACHINE, "work.step", "step", subject)
            errand.done(session, number, {"by": os.getpid()})
            session.commit()
    return {"workers": len({outcome["by"] for outcome in errand.outcomes()})}


if __name__ == "__main__":
    jobs.run_worker(Settings(), lambda *_: None, stop_seconds=2.0, kinds={"slow": slowly})
