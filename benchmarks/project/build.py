"""Build the example project from nothing: wall time, peak memory, and what came out.

    python -m benchmarks.project.build [--quick]

Runs ``argosy run`` on a copy of examples/reviews with an empty cache, in a process of its own, and reads its record.
``--quick`` takes the size "tiny" and 200 parity texts. There is no peer: the goal is 6 minutes on two idle cores.
"""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measuring import ROOT, arguments, note, tell


def main(*, quick: bool) -> None:
    """Build, then tell."""
    example = ROOT / "examples" / "reviews"
    subprocess.run([sys.executable, example / "prepare.py"], check=True)
    with tempfile.TemporaryDirectory() as place:
        project = Path(place) / "reviews"
        project.mkdir()
        for name in ("argosy.toml", "train.csv", "test.csv"):
            shutil.copy(example / name, project / name)
        words = ["--set", "size=tiny", "--set", "gate.texts=200"] if quick else []
        environment = {"XDG_CACHE_HOME": place, "PATH": "/usr/bin:/bin", "HOME": place}
        note("building")
        start = time.perf_counter()
        command = [sys.executable, "-m", "argosy", "run", str(project), "--json", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        seconds = time.perf_counter() - start
    results = json.loads(done.stdout)
    served = results["choice"]["engine"]
    tell(
        "build",
        {
            "seconds": round(seconds, 1),
            "peak_memory_gb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20, 2),
            "stages": results["timings"],
            "metrics": results["metrics"],
            "baselines": results["baselines"],
            "slices": results["slices"],
            "versus_best_baseline": results["versus_best_baseline"],
            "served": served,
            "agreement": results["engines"][served]["agreement"],
        },
        packages=("torch", "transformers", "onnxruntime"),
    )


if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
