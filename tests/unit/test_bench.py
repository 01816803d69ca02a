"""The benchmark runs and gives the figures that documents and other programs read; how fast is not tested."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from app.demo.pictures import strangers
from app.screening.pipeline import STAGES
from tests import forked

TEXT_SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "bench" / "text.py"
SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "bench" / "screening.py"
KINDS = ["group", "screenshot", "poster"]


@pytest.fixture(scope="module")
def figures(model_folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--quick", "--json"], check=False, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.mark.models
@pytest.mark.slow
def test_cpu_time_is_told_by_kind_of_picture_and_stage(figures: dict[str, Any]) -> None:
    assert figures["pictures"] == dict.fromkeys(KINDS, 1)
    assert figures["rounds"] == 1
    assert list(figures["cpu_seconds"]) == KINDS
    for costs in figures["cpu_seconds"].values():
        assert list(costs["stages"]) == list(STAGES)
        assert costs["pipeline"] >= sum(stage["total"] for stage in costs["stages"].values()) * 0.99 > 0
        assert {name for name, stage in costs["stages"].items() if stage["models"]} == {"faces", "hands", "reading"}
        assert costs["models"] == pytest.approx(sum(stage["models"] for stage in costs["stages"].values()), abs=1e-3)


@pytest.mark.models
@pytest.mark.slow
def test_the_ratio_is_that_of_the_cpu_times(figures: dict[str, Any]) -> None:
    ratio, costs = figures["ratio"], figures["cpu_seconds"].values()
    assert set(ratio) == {"median", "lowest", "highest", "of_minima", "by_kind"}
    assert ratio["lowest"] <= ratio["median"] <= ratio["highest"]
    whole, models = sum(c["pipeline"] for c in costs), sum(c["models"] for c in costs)
    assert ratio["median"] == pytest.approx(whole / models, abs=0.01)


@pytest.mark.models
@pytest.mark.slow
def test_memory_is_that_of_a_worker_and_of_an_api_process_that_did_their_work(figures: dict[str, Any]) -> None:
    memory = figures["memory_mb"]
    assert memory["submissions"] == 3
    assert memory["requests"] > 10
    assert 50 < memory["api_peak"] < memory["worker_peak"]
    assert set(figures["goals"]) == {"ratio", "worker_mb", "api_mb"}
    for goal in figures["goals"].values():
        assert goal["met"] is (goal["is"] <= goal["at_most"])
    assert set(figures["machine"]) == {"cpu", "cores", "load", "python", "onnxruntime", "opencv"}


def test_the_text_bench_tells_its_figures() -> None:
    command = [sys.executable, str(TEXT_SCRIPT), "--rounds", "1", "--patterns", "300", "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found["patterns"] > 3000
    assert found["ratio"] == pytest.approx(found["ms_per_text"] / found["automaton_ms_per_text"], rel=0.05)
    assert found["met"] is (found["texts_per_second"] >= found["goal"])


def serve_peer(port: int) -> None:
    """The server that the bench of intake compares with."""
    uvicorn.run("intake_peer:app", app_dir=str(SCRIPT.parent), port=port, log_level="error")


def test_the_clients_of_the_intake_bench_know_what_was_acknowledged(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept, pictures = tmp_path / "kept", tmp_path / "pictures"
    kept.mkdir()
    pictures.mkdir()
    (pictures / "0.jpg").write_bytes(strangers())
    environment = os.environ | {"NETRA_BENCH_PEER": str(kept)}
    peer = forked.start(environment, tmp_path / "peer.log", serve_peer, port)
    try:
        forked.wait_for(f"http://127.0.0.1:{port}/openapi.json", peer)
        plan = {
            "host": "127.0.0.1", "port": port, "path": "/uploads", "token": "", "contest": "c", "name": "test",
            "pictures": str(pictures), "clients": 2, "seconds": 0.3, "manner": "even",
        }  # fmt: skip
        clients = [sys.executable, str(SCRIPT.with_name("intake_clients.py"))]
        answered = subprocess.run(clients, input=json.dumps(plan).encode(), stdout=subprocess.PIPE, check=True)
    finally:
        forked.kill(peer)
    uploads = json.loads(answered.stdout)["uploads"]
    assert {status for _, status, _, _ in uploads} == {202}
    found = {path.name.partition("-")[0]: hashlib.sha256(path.read_bytes()).hexdigest() for path in kept.iterdir()}
    assert found == {name: sent for _, _, name, sent in uploads}
    assert len(set(found.values())) == len(uploads) > 1
