"""What a run will take, told before it starts: minutes, peak memory and disk, from file sizes and the base's shape.

The work is counted in floating-point operations, 2 for each weight and token forward and 4 more backward where a
layer trains, and divided by the speed of this machine's matrix product. The constants were fitted to measured runs
(``docs/log.md``); expect the truth between half and twice the figure.
"""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from argosy.config.schema import Project, resolve
from argosy.infer.processor import instruction_set

BYTES_PER_TOKEN = 4.0  # of UTF-8, Chinese and English alike
_TRAINING_ROWS = 0.8  # of the rows; the others choose and test
_SHARE_OF_PEAK = 0.5  # of the matrix product's speed that training reaches in fp32
_BF16_GAIN = 1.5
_PASSES = 5  # times that the gate's texts go through the model in fp32, engines and companies together
_FIXED_SECONDS = 45  # loading, exporting, quantising, starting the server
_LIBRARIES_GB = 0.9  # torch, transformers and the tokenizer in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The expectation: ``minutes`` of wall time, ``memory_gb`` at the peak, ``disk_gb`` of results."""

    minutes: float
    memory_gb: float
    disk_gb: float

    def to_json(self) -> dict[str, float]:
        """The three figures, rounded."""
        return {name: round(value, 1) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """An encoder's size, from its ``config.json``."""

    layers: int
    hidden: int
    inner: int
    vocabulary: int

    @property
    def layer_weights(self) -> int:
        return 4 * self.hidden**2 + 2 * self.hidden * self.inner


def estimate(project: Project, files: list[Path], base: Path) -> Needs:
    """The needs of a run over these data files with the base model in the folder ``base``."""
    shape = _shape(base)
    settings = resolve(project)
    text_bytes = sum(path.stat().st_size for path in files)
    tokens = text_bytes / BYTES_PER_TOKEN
    frozen = round(settings.frozen * shape.layers)
    training = (
        settings.epochs * _TRAINING_ROWS * tokens * shape.layer_weights * (2 * frozen + 6 * (shape.layers - frozen))
    )
    gates = _PASSES * min(tokens, project.gate.texts * 40) * 2 * shape.layer_weights * shape.layers
    speed = matrix_product() * _SHARE_OF_PEAK
    gain = _BF16_GAIN if "bf16" in instruction_set() else 1.0
    weights = 4 * (shape.layer_weights * shape.layers + shape.vocabulary * shape.hidden)
    activations = 4 * settings.batch_size * settings.max_length * shape.layers * (shape.inner + 8 * shape.hidden)
    return Needs(
        minutes=(_FIXED_SECONDS + training / (speed * gain) + gates / speed) / 60,
        memory_gb=_LIBRARIES_GB + (4 * weights + activations) / 1e9,
        disk_gb=3 * weights / 1e9,
    )


def matrix_product() -> float:
    """Floating-point operations a second of a product of two 1024² matrices in fp32, the best of five."""
    matrix = np.ones((1024, 1024), dtype=np.float32)
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        np.dot(matrix, matrix)
        best = min(best, time.perf_counter() - start)
    return 2 * 1024**3 / best


def _shape(base: Path) -> _Shape:
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    hidden = int(config.get("hidden_size") or config.get("dim") or 384)
    return _Shape(
        layers=int(config.get("num_hidden_layers") or config.get("n_layers") or 12),
        hidden=hidden,
        inner=int(config.get("intermediate_size") or config.get("hidden_dim") or 4 * hidden),
        vocabulary=int(config["vocab_size"]),
    )
