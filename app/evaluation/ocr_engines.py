"""The reader, and rapidocr as it comes, each in a process of its own, so that time and memory are counted apart."""

from __future__ import annotations

import json
import logging
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np

from app.errors import BadInput, NotReady
from app.imaging.decode import ImageLimits, decode
from app.vision.observations import TextLine
from app.vision.reading import Reader

Engine = Literal["netra", "rapidocr"]
Lines = list[tuple[str, list[list[float]]]]
Read = Callable[[Any], Lines]
PACKAGES = str(Path(__file__).resolve().parents[2])


@dataclass(frozen=True, slots=True)
class Answer:
    """Lines of one picture `height` px high, and the processor seconds that reading them took, decoding aside."""

    lines: tuple[TextLine, ...]
    height: int
    seconds: float


class Running:
    """An engine in its own process; questions and answers are lines of JSON."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def read(self, path: Path) -> Answer:
        """One picture. Raises BadInput where it cannot be read."""
        answer = self.ask(str(path.resolve()))
        if "error" in answer:
            raise BadInput(f"{path.name}: {answer['error']}", field="DIR")
        lines = tuple(TextLine(text, 1.0, np.array(corners, np.float32)) for text, corners in answer["lines"])
        return Answer(lines, answer["height"], answer["seconds"])

    def peak(self) -> float:
        """The most memory that the process has held, in MB."""
        return float(self.ask("")["peak"])

    def ask(self, path: str | None) -> dict[str, Any]:
        """The answer to one question, or the greeting. Raises NotReady when the process has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            if path is not None:
                print(json.dumps(path), file=self._process.stdin, flush=True)
            return dict(json.loads(self._process.stdout.readline()))
        except (OSError, ValueError) as error:
            raise NotReady("Pembaca berhenti / The process that reads has ended") from error


@contextmanager
def running(engine: Engine, folder: Path, threads: int) -> Iterator[Running]:
    """The engine, warmed up with one empty picture. Raises NotReady when it cannot be opened."""
    command = [sys.executable, "-m", "app.evaluation.ocr_engines", engine, str(folder.resolve()), str(threads)]
    paths = os.pathsep.join(filter(None, (PACKAGES, os.environ.get("PYTHONPATH"))))
    with subprocess.Popen(  # noqa: S603 - this very interpreter and module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": paths}
    ) as process:
        try:
            opened = Running(process)
            greeting = opened.ask(None)
            if "error" in greeting:
                raise NotReady(str(greeting["error"]))
            yield opened
        finally:
            process.terminate()


def serve(engine: str, folder: Path, threads: int) -> None:
    """Answer questions on standard input until it ends: the path of a picture, or "" for the memory held."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    sys.stdout = sys.stderr  # what a library prints is no answer
    try:
        read = _reader(folder, threads) if engine == "netra" else _rapidocr()
        read(np.full((640, 640, 3), 255, np.uint8))
        greeting = {"ready": engine}
    except Exception as error:  # told to the other process, whatever it is
        greeting = {"error": getattr(error, "detail", repr(error))}
    print(json.dumps(greeting), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line), read)), file=answers, flush=True)


def _answer(path: str, read: Read) -> dict[str, Any]:
    if not path:
        return {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    try:
        pixels = decode(Path(path).read_bytes(), ImageLimits()).pixels
        begin = time.process_time()
        lines = read(pixels)
        return {"lines": lines, "height": pixels.shape[0], "seconds": time.process_time() - begin}
    except Exception as error:
        return {"error": getattr(error, "detail", repr(error))}


def _reader(folder: Path, threads: int) -> Read:
    cv2.setNumThreads(threads)
    reader = Reader(folder, threads)
    return lambda pixels: [(line.text, line.corners.tolist()) for line in reader.read(pixels)]


def _rapidocr() -> Read:
    logging.disable(logging.WARNING)
    from rapidocr import RapidOCR

    engine = RapidOCR()

    def read(pixels: Any) -> Lines:
        found: Any = engine(pixels)
        return [] if found.txts is None else list(zip(found.txts, found.boxes.tolist(), strict=True))

    return read


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
