"""The only package that knows the job engine (DBOS): a submission and its job are one transaction."""

from app.jobs.backlog import Backlog
from app.jobs.outcome import failed_submissions, requeue
from app.jobs.queue import Stats, enqueue, migrate, settle, stats
from app.jobs.rounds import Courier
from app.jobs.runner import Do
from app.jobs.worker import Screen, Worker, run_worker, start_worker

__all__ = [
    "Backlog", "Courier", "Do", "Screen", "Stats", "Worker", "enqueue", "failed_submissions", "migrate", "requeue",
    "run_worker", "settle", "start_worker", "stats",
]  # fmt: skip
