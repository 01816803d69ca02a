"""The command line of scripts/prepare_models.py."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from app.errors import AppError
from app.settings import REPOSITORY, settings
from app.vision.packs import MANIFEST, find_pack
from modelprep.files import exclusive, write_atomically
from modelprep.prepare import prepare

NOT_READY, INTERRUPTED = 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepares one pack and returns the exit code."""
    options = _parse(arguments)
    console, errors = Console(), Console(stderr=True)
    try:
        with exclusive(options.models_dir / ".sources" / "lock", console):
            _bring_manifest(options.models_dir)
            prepare(find_pack(options.models_dir, options.pack), options.models_dir, options.offline, console)
    except AppError as error:
        errors.print(f"[bold red]✗[/] {escape(error.detail)}", highlight=False, soft_wrap=True)
        return NOT_READY
    except OSError as error:
        detail = f"Berkas tidak dapat ditulis atau dibaca ({error}). / A file cannot be written or read ({error})."
        errors.print(f"[bold red]✗[/] {escape(detail)}", highlight=False, soft_wrap=True)
        return NOT_READY
    except KeyboardInterrupt:
        errors.print("Dihentikan; jalankan lagi untuk melanjutkan. / Interrupted; run again to continue.")
        return INTERRUPTED
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="prepare_models.py", description=__doc__)
    parser.add_argument("--pack", default=settings().model_pack, help="pack of the manifest (default: %(default)s)")
    parser.add_argument("--models-dir", type=Path, default=settings().models_dir, help="folder of manifest and packs")
    parser.add_argument("--offline", action="store_true", help="download nothing: only check, and convert what is here")
    return parser.parse_args(arguments)


def _bring_manifest(models_dir: Path) -> None:
    """A folder outside the repository gets the repository's manifest, unless it has one of its own."""
    if not (models_dir / MANIFEST).exists():
        write_atomically(models_dir / MANIFEST, (REPOSITORY / "models" / MANIFEST).read_bytes())
