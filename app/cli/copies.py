"""`netra copies`: the hashes by which copies of pictures are found."""

from __future__ import annotations

import typer

from app.cli.console import bar, err
from app.db.migrate import require_newest
from app.screening.copies import rebuild as rebuild_all
from app.settings import settings

app = typer.Typer(help="Salinan gambar / Copies of pictures", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Copies of pictures and captions."""


@app.command("rebuild")
def rebuild() -> None:
    """Make all hashes, links and groups anew from the originals. Workers may go on; begun anew when interrupted."""
    from app.main import open_services

    services = open_services(settings())
    done = 0
    try:
        require_newest(services.engine)
        with bar() as progress:
            task = progress.add_task("Salinan / Copies", total=None)
            for done, total in rebuild_all(services.copies):
                progress.update(task, completed=done, total=total)
        err.print(f"{done} kiriman / submissions", highlight=False)
    finally:
        services.engine.dispose()
