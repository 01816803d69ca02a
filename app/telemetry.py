"""Logs, counters and traces, all without personal data: ids, codes and durations only."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from opentelemetry import trace
from opentelemetry.trace import Span
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

# -- logs -----------------------------------------------------------------------------------------------------------

PRIVATE = frozenset(
    {"address", "authorization", "cookie", "handle", "ip", "login", "name", "note", "password", "text", "token", "url"}
)
DEEPEST_FRAMES = 12


class JsonHandler(logging.Handler):
    """Writes to whatever stderr is at the moment; a class of its own, so that configuring again replaces only it."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        try:
            sys.stderr.write(self.format(record) + "\n")
        except (OSError, ValueError):
            self.handleError(record)


def configure_logging(level: str = "INFO") -> None:
    """Send all logs of the process, those of libraries too, to stderr as one JSON object per line."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        drop_private,
        place_of_exception,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    renderer = structlog.processors.JSONRenderer(ensure_ascii=True)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    )
    handler = JsonHandler()
    handler.setFormatter(formatter)
    wanted = logging.getLevelNamesMapping()[level]
    root = logging.getLogger()
    root.handlers[:] = [*(other for other in root.handlers if not isinstance(other, JsonHandler)), handler]
    root.setLevel(max(wanted, logging.INFO))  # below, libraries tell too much; SQLAlchemy already at INFO
    logging.getLogger("netra").setLevel(wanted)
    logging.getLogger("sqlalchemy").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for noisy in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(noisy).handlers.clear()
        logging.getLogger(noisy).propagate = noisy != "uvicorn.access"  # it writes addresses and query strings


def drop_private(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take out values whose very name says that they are personal or secret."""
    for key in PRIVATE & event.keys():
        event[key] = "[removed]"
    return event


def place_of_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its type and place: its message may quote a person's text."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given is True else None
    if isinstance(given, tuple):
        error = given[1]
    if error is not None:
        event.update(describe_exception(error))
    return event


def describe_exception(error: BaseException) -> dict[str, Any]:
    """Type and innermost frames of an exception, without its message, its variables and its folders."""
    frames = traceback.extract_tb(error.__traceback__)[-DEEPEST_FRAMES:]
    return {
        "error": type(error).__qualname__,
        "frames": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
    }


def context(**ids: str) -> AbstractContextManager[None]:
    """Add ids (request_id, submission_id) to every log line written inside the `with` block."""
    return structlog.contextvars.bound_contextvars(**ids)


# -- counters -------------------------------------------------------------------------------------------------------

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
REQUESTS = Counter("netra_requests", "HTTP requests", ["method", "route", "status"], registry=REGISTRY)
REQUEST_SECONDS = Histogram("netra_request_seconds", "Duration of HTTP requests", ["route"], registry=REGISTRY)
SUBMISSIONS = Counter("netra_submissions", "Submissions accepted: new or again", ["outcome"], registry=REGISTRY)
STAGE_SECONDS = Histogram("netra_screening_seconds", "Seconds of each screening stage", ["stage"], registry=REGISTRY)
WEBHOOK_TRIES = Counter("netra_webhook_tries", "Messages to webhooks, by what came", ["outcome"], registry=REGISTRY)
FLAGS = Counter("netra_flags", "Flags by band", ["band"], registry=REGISTRY)


def render_metrics() -> tuple[bytes, str]:
    """The counters of this process in Prometheus' text format, and its media type."""
    return generate_latest(REGISTRY), CONTENT_TYPE_PLAIN_0_0_4


# -- traces ---------------------------------------------------------------------------------------------------------


@contextmanager
def span(name: str, **ids: str | int | float) -> Iterator[Span]:
    """An OpenTelemetry span; free of effect unless the installation brings an SDK and configures it."""
    tracer = trace.get_tracer("netra")
    with tracer.start_as_current_span(
        name, attributes=ids, record_exception=False, set_status_on_exception=False
    ) as opened:
        yield opened
