"""The command line: `netra …`. Exit codes: 0 done (nothing flagged), 2 bad input, 3 not ready, 10 flagged."""

from __future__ import annotations

import os
import sys

import typer
from sqlalchemy.exc import OperationalError

from app.cli import (
    accounts,
    calibrate_faces,
    copies,
    demo,
    evaluate,
    evaluate_copies,
    evaluate_gestures,
    evaluate_ocr,
    evaluate_text,
    learn,
    packs,
    roster,
    rules,
    serve,
    text,
    webhooks,
)
from app.cli.console import complain
from app.cli.retain import retain
from app.cli.retry import retry
from app.cli.screen import screen
from app.cli.upload import upload
from app.errors import AppError, NotReady

app = typer.Typer(
    name="netra",
    help="Penapisan unggahan: indikasi keberpihakan ASN, informasi awal bagi peninjau. / Screening of posts.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("screen")(screen)
app.command("upload")(upload)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("retry")(retry)
app.command("migrate")(serve.migrate)
app.command("rescreen")(learn.rescreen)
app.command("retain")(retain)
app.add_typer(packs.app, name="models")
app.add_typer(copies.app, name="copies")
app.add_typer(roster.app, name="roster")
app.add_typer(rules.app, name="rules")
calibrating = typer.Typer()
calibrating.callback(invoke_without_command=True)(learn.calibrate)
calibrating.command("faces")(calibrate_faces.faces)
app.add_typer(calibrating, name="calibrate")
evaluate.app.command("gestures")(evaluate_gestures.gestures)
evaluate.app.command("ocr")(evaluate_ocr.ocr)
evaluate.app.command("text")(evaluate_text.text)
evaluate.app.command("copies")(evaluate_copies.copies)
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(text.app, name="text")
app.add_typer(demo.app, name="demo")
app.add_typer(accounts.users, name="user")
app.add_typer(accounts.tokens, name="token")
app.add_typer(accounts.log, name="audit")
app.add_typer(webhooks.app, name="webhook")


def main() -> None:
    """Run one command; an error the user can mend becomes one line and an exit code.

    Files that the commands make (database, originals, keys) are for this user only."""
    os.umask(0o077)
    try:
        app()
    except AppError as error:
        complain(error)
        sys.exit(error.exit_code)
    except OperationalError as error:
        complain(NotReady(f"Basis data tidak dapat dipakai / The database cannot be used: {error.orig}"))
        sys.exit(NotReady.exit_code)
    except BrokenPipeError:
        sys.exit(0)
