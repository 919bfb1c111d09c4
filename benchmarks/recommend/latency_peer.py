"""A bare list behind FastAPI, to compare with: factors of items in numpy, all products, the ten largest; nothing kept.

python benchmarks/recommend/latency_peer.py FOLDER PORT, where FOLDER holds ``factors.npy`` and ``users.npz``.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI

_FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()


def create() -> FastAPI:
    """What answers ``{"user": …, "n": …}`` with items and scores."""
    factors = np.load(_FOLDER / "factors.npy")
    with np.load(_FOLDER / "users.npz") as stored:
        users = dict(stored)
    app = FastAPI()

    @app.post("/v1/recommend")
    def recommend(asked: dict[str, Any]) -> dict[str, Any]:
        seen = users[asked["user"]]
        scores = factors @ factors[seen].mean(axis=0)
        scores[seen] = -np.inf
        best = np.argpartition(-scores, asked["n"])[: asked["n"]]
        best = best[np.argsort(-scores[best])]
        return {"items": [{"item": f"i{place}", "score": float(scores[place])} for place in best]}

    return app


if __name__ == "__main__":
    uvicorn.run(create(), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
