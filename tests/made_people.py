"""Made-up people: random directions as embeddings, each photo a little beside its person."""

from __future__ import annotations

import numpy as np

from app.evaluation.degraded import ORIGINAL
from app.evaluation.people import Person
from app.evaluation.shots import Shot
from app.vision.observations import Face


def made(known: int, unknown: int, noise: float, shared: float = 0.0, seed: int = 0) -> tuple[list[Person], list[Shot]]:
    """People at random directions; `shared` pulls those of the group cap=yes towards each other."""
    random = np.random.default_rng(seed)
    people, shots = [], []
    common = random.normal(size=32)
    for index in range(known + unknown):
        cap = index % 2 == 0
        centre = random.normal(size=32) + (shared * common if cap else 0)
        centre /= np.linalg.norm(centre)
        person = Person(f"orang-{index}", index < known, (), {"cap": "yes" if cap else "no"})
        people.append(person)
        for number in range(5 if index < known else 1):
            vector = centre + random.normal(0, noise, 32)
            unit = (vector / np.linalg.norm(vector)).astype(np.float32)
            face = Face((0, 0, 100, 100), np.zeros((5, 2), np.float32), 0.9, unit, 65 + 3 * random.normal())
            shots.append(Shot(person.name, f"{number}.jpg", ORIGINAL, face, 1, {}))
    return people, shots
