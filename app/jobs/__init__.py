"""The only package that knows the job engine (DBOS): a submission and its job are one transaction."""

from app.jobs.queue import Stats, enqueue, migrate, settle, stats
from app.jobs.worker import Screen, Worker, run_worker, start_worker

__all__ = ["Screen", "Stats", "Worker", "enqueue", "migrate", "run_worker", "settle", "start_worker", "stats"]
