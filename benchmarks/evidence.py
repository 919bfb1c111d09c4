"""``make evidence``: run every benchmark and the full counts of the fault tests, and store each result with its date.

Results go to benchmarks/results/NAME.json, one file a benchmark, with the commit and the machine. What stands is not
run again, so a stopped run goes on where it was; a result stands until the code, the locks, the example or its own
script differ from its commit's.
"""

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

from measuring import GIT, ROOT, note, tell

HERE = Path(__file__).parent
RESULTS = HERE / "results"
BENCHMARKS = ("startup", "build", "inference", "compress")
KILLS = 100


def main() -> None:
    """Run what this commit does not have yet."""
    RESULTS.mkdir(exist_ok=True)
    for name in BENCHMARKS:
        _measure(name, [sys.executable, HERE / f"{name}.py"])
    _measure("kills", [sys.executable, __file__, "--kills"])


def kills() -> None:
    """Kill a run KILLS times at random moments; every result must equal that of an undisturbed run."""
    words = ["-m", "pytest", "-q", "-k", "killed_at_random", f"--kills={KILLS}", "--timeout=1800", "tests/project"]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    tell({"claim": "a run killed at random moments goes on", "kills": KILLS, "passed": done.returncode == 0})


def _stands(name: str, measured: str) -> bool:
    """Whether nothing that the figures depend on has changed since the commit that was measured."""
    counted = ("src", "requirements", "examples", "tests/project", f"benchmarks/{name}.py")
    command = [GIT, "diff", "--quiet", measured, "--", *(place for place in counted if (ROOT / place).exists())]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def _measure(name: str, command: list[str | Path]) -> None:
    path = RESULTS / f"{name}.json"
    if path.is_file() and _stands(name, json.loads(path.read_text(encoding="utf-8"))["commit"]):
        note(f"{name}: stands")
        return
    note(f"{name}: running")
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    result = json.loads(done.stdout.strip().splitlines()[-1])
    result["date"] = dt.datetime.now(tz=dt.UTC).date().isoformat()
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    kills() if "--kills" in sys.argv else main()
