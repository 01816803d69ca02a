"""`netra demo`: the fictional election, its posts screened by the real path, and a table of what came out."""

from __future__ import annotations

import tempfile
from pathlib import Path

import typer
from rich.table import Table

from app.cli.console import err, out
from app.cli.serve import bring_up, serve
from app.demo.run import Outcome, load_demo, outcomes, screen_all, submit_posts
from app.demo.tips import send_tips
from app.main import open_services
from app.settings import Settings, settings

app = typer.Typer(help="Pemilihan contoh (fiktif) / The fictional demo election", no_args_is_help=True)
UNEXPECTED = 1


@app.command("run")
def run() -> None:
    """Load the demo, screen its posts, print the flags; exit code 1 when they are not those expected."""
    report(settings())


@app.command("check")
def check() -> None:
    """The same in a database of its own that is thrown away: what is installed here, and nothing older, is checked."""
    with tempfile.TemporaryDirectory(prefix="netra-check-") as folder:
        alone = {"data_dir": Path(folder), "database_url": "", "blob_url": ""}
        report(settings().model_copy(update=alone))


def report(chosen: Settings) -> None:
    """Print the table; exit when a flag is not the one expected."""
    found, _ = play(chosen)
    out.print(table_of(found))
    if not all(outcome.expected for outcome in found):
        err.print("Hasil tidak seperti yang diharapkan / Not the expected flags", style="bold")
        raise typer.Exit(UNEXPECTED)


@app.command("serve")
def serve_demo() -> None:
    """The same, then serve the console and the API with the demo's accounts."""
    chosen = settings()
    found, sign_ins = play(chosen)
    out.print(table_of(found))
    out.print(f"\nKonsol / Console: http://{chosen.host}:{chosen.port}/   API: /api/openapi.json", highlight=False)
    for login in ("reviewer.a", "koordiv.pp", "admin.prov"):
        out.print(f"  {login:12} {sign_ins[login]}", highlight=False, markup=False)
    out.file.flush()
    serve()


def play(chosen: Settings) -> tuple[list[Outcome], dict[str, str]]:
    """Migrate, load, hand in, screen: what became of every post, and the demo's sign-ins."""
    bring_up(chosen)
    services = open_services(chosen)
    try:
        with err.status("Pemilihan contoh / The demo election…") as status:
            with services.sessions() as session:
                sign_ins = load_demo(session, services, lambda step: status.update(f"Foto calon / Photo: {step}"))
                handed_in = submit_posts(session, services)
                tips = send_tips(session, services)
            screen_all(
                services, [*handed_in.values(), *tips], lambda step: status.update(f"Menapis / Screening: {step}")
            )
        with services.sessions() as session:
            return outcomes(session, handed_in), sign_ins
    finally:
        services.engine.dispose()


def table_of(found: list[Outcome]) -> Table:
    """One row per post."""
    table = Table(
        title="Netra: informasi awal, bukan putusan / preliminary information, no verdict", title_justify="left"
    )
    table.add_column("id")
    table.add_column("unggahan / post", max_width=44)
    for column in ("pita / band", "skor", "paslon", "arah"):
        table.add_column(column)
    table.add_column("sinyal / signals", max_width=52)
    table.add_column("✓")
    for outcome in found:
        table.add_row(
            outcome.post.id,
            outcome.post.about,
            outcome.band,
            f"{outcome.score:.2f}",
            str(outcome.paslon or "–"),
            outcome.direction or "–",
            ", ".join(outcome.reasons) or "–",
            "✓" if outcome.expected else "✗",
        )
    return table
