#!/usr/bin/env bash
# Build the wheel, install it where nothing but serve.lock is, serve the model named (if any) from there, and run every
# test that needs no torch.
set -euo pipefail
cd "$(dirname "$0")/.."
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT

.venv/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$home/dist" .
.venv/bin/python -m venv --without-pip "$home/venv"
into() { .venv/bin/python -m pip --python "$home/venv/bin/python" "$@"; }
into install -qq --no-deps --require-hashes --requirement requirements/serve.lock
into install -qq --no-deps "$home"/dist/argosy-*.whl
into check
"$home/venv/bin/argosy" --help >/dev/null
"$home/venv/bin/python" - <<'PYTHON'
import importlib.util

from argosy.serve.app import create_app

for name in ("torch", "transformers", "peft", "onnx", "skl2onnx", "sklearn", "fastexcel"):
    assert importlib.util.find_spec(name) is None, f"{name} is in the install that serves"
assert callable(create_app)
PYTHON

if [ "$#" -gt 0 ]; then
  "$home/venv/bin/python" - "$1" <<'PYTHON'
import sys
from pathlib import Path

from argosy.project.selling import aside
from argosy.stages.classify import over_http

with aside.serving(Path(sys.argv[1]).resolve()) as address:
    for answer in over_http.classify(address, ["物流很快，包装也好", "broke after a day"]):
        print("served without torch:", answer["label"], round(max(answer["probabilities"].values()), 3))
PYTHON
fi

into install -qq --no-deps --require-hashes --requirement requirements/test.lock
# The rooms that build and measure are not for this install, so neither are their tests; those of the checkout neither.
OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= "$home/venv/bin/python" -m pytest \
  --numprocesses 2 -m 'not torch and not slow' tests \
  --ignore tests/models --ignore tests/train --ignore tests/compress --ignore tests/evaluate \
  --ignore tests/house --ignore tests/docs
