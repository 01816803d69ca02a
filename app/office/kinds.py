"""The kinds of long work that a worker does, by name; a new kind is one more entry."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from app.jobs import Do
from app.jobs.errands import Errand
from app.office import reembedding, rescreening
from app.office.retention import retain
from app.screening.service import Services

RETAIN = "retain"
KINDS = (rescreening.LOOK, rescreening.APPLY, reembedding.REEMBED, RETAIN)
DAILY = (RETAIN,)
"""What workers do once a day without being asked."""


def doers(services: Services) -> Mapping[str, Do]:
    """How each kind is done, with the services of this process."""
    return {
        rescreening.LOOK: partial(rescreening.look, services),
        rescreening.APPLY: partial(rescreening.write, services),
        reembedding.REEMBED: partial(reembedding.reembed, services),
        RETAIN: partial(_retain, services),
    }


def _retain(services: Services, errand: Errand) -> dict[str, Any]:
    done = retain(services, errand.progress)
    return {"run": done.run, "rules": dict(done.rules), "sessions": done.sessions}
