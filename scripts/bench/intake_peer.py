"""What intake is compared with: a FastAPI endpoint that writes the pictures it is sent, syncs them and answers 202.

No token, no check, no hash, no database. Each picture becomes one file; the file and its folder are synced before the
answer, as a store must that promises not to lose what it acknowledged. Started by intake.py, which names the folder."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Form, UploadFile

FOLDER = Path(os.environ["NETRA_BENCH_PEER"])
app = FastAPI()


@app.post("/uploads", status_code=202)
def upload(images: list[UploadFile], contest: Annotated[str, Form()]) -> dict[str, str]:
    """Write, sync, answer."""
    name = uuid.uuid4().hex
    for position, image in enumerate(images):
        with (FOLDER / f"{name}-{position}").open("xb") as file:
            file.write(image.file.read())
            file.flush()
            os.fsync(file.fileno())
    folder = os.open(FOLDER, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return {"id": name, "contest": contest}
