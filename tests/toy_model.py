"""A small linear model of two languages, and texts for it; needs skl2onnx."""

import json
from pathlib import Path

import numpy as np

from argosy.core.artifact import digest_file
from argosy.data.clean import DEFAULT_STEPS

VERDICTS = {"broke at once": "bad", "works great": "good", "很难用": "bad", "很好用": "good"}
THINGS = ["the camera", "the screen", "this bag", "my phone", "相机", "屏幕", "包包", "手机"]


def write(folder: Path, seed: int = 0) -> Path:
    """A model's folder; another seed gives another model."""
    from argosy.evaluate.rivals.baselines import export_linear, fit_linear

    pairs = [(f"{thing} {verdict}", label) for thing in THINGS[seed:] for verdict, label in VERDICTS.items()]
    truth = np.array([int(label == "good") for _, label in pairs])
    export_linear(fit_linear([text for text, _ in pairs], truth, ("bad", "good"), seed=0), folder / "linear.onnx")
    described = {
        "format": 1,
        "name": "toy",
        "labels": ["bad", "good"],
        "text_steps": list(DEFAULT_STEPS),
        "max_length": 24,
        "served": "linear",
        "engines": {"linear": {"file": "linear.onnx", "temperature": 1.5}},
    }
    (folder / "argosy.json").write_text(json.dumps(described), encoding="utf-8")
    return folder


def write_whole(folder: Path) -> Path:
    """The model with what a server asks of it beside: the licences, and the digests of its files."""
    write(folder)
    described = json.loads((folder / "argosy.json").read_text(encoding="utf-8"))
    described |= {"base": None, "data": {"name": "MIT", "non_commercial": False}}
    (folder / "argosy.json").write_text(json.dumps(described), encoding="utf-8")
    files = {name: digest_file(folder / name) for name in ("argosy.json", "linear.onnx")}
    (folder / "manifest.json").write_text(json.dumps({"kind": "model", "files": files}), encoding="utf-8")
    return folder


def texts(count: int) -> list[str]:
    """Short and long ones of both languages, quotes, line ends and blanks among them."""
    said = [f"{thing} {verdict}" for thing in THINGS for verdict in VERDICTS]
    odd = ['he said "no", then left', "two\nlines", "", "=1+1", "long " * 80, "很长" * 90]
    odd.append("质量太差，和图片完全不一样，申请退款也没有人理，以后不会再来买了，请大家不要上当。")
    pool = said + odd
    return [
        f"{pool[number % len(pool)]} {number}" if number % 7 else pool[number % len(pool)] for number in range(count)
    ]
