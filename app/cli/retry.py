"""`netra retry`: what failed for a reason that is mended is screened once more."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from app import jobs
from app.auth.principal import SYSTEM
from app.cli.console import database, out
from app.errors import BadInput, Conflict


def retry(
    submissions: Annotated[list[str] | None, typer.Argument(help="ids of failed submissions")] = None,
    everything: Annotated[bool, typer.Option("--all", help="all that failed")] = False,
) -> None:
    """Queue failed submissions again; a worker then screens them."""
    if bool(submissions) == everything:
        raise BadInput("Sebut nomor kiriman, atau --all / Name submissions, or --all", field="submission")
    named = [_id_of(text) for text in submissions or ()]
    with database() as session:
        for submission_id in named or jobs.failed_submissions(session):
            if not jobs.requeue(session, SYSTEM, submission_id) and named:
                message = f"Tidak ada, atau tidak gagal / There is none, or it has not failed: {submission_id}"
                raise Conflict(message, field="submission")
            session.commit()
            out.print(f"{submission_id}: antre lagi / queued again", highlight=False)


def _id_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput("Bukan nomor kiriman / Not the id of a submission", field="submission") from error
