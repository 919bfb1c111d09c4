"""Run tests many times, each time in another order with other random draws, and name those that failed at least once.

    python scripts/flaky.py --times 20 tests/serve tests/store

What is not an option of this script is handed to pytest. A seed that is told runs the same order and draws again:
``pytest --randomly-seed SEED --hypothesis-seed SEED``.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree as ET

EVERYDAY = ("--numprocesses", "2", "-m", "not slow")
RAN = (0, 1)  # pytest's codes of a run to its end: all passed, some failed


def main() -> None:
    """Run, tell each run's outcome, then the failures; exit with 1 when there were any."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5, help="how often to run (5)")
    parser.add_argument("--seed", type=int, help="the first run's seed; the next ones count up from it")
    asked, words = parser.parse_known_args()
    first = random.SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    failures: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for seed in range(first, first + asked.times):
        found = run(seed, words)
        print(f"seed {seed}: {len(found)} failed", flush=True)
        for name, reason in found.items():
            failures[name].append((seed, reason))
    for name, told in sorted(failures.items(), key=lambda item: -len(item[1])):
        seeds = ", ".join(str(seed) for seed, _ in told)
        print(f"\n{name}\n  failed in {len(told)} of {asked.times} runs, with seeds {seeds}\n  {told[0][1]}")
    sys.exit(bool(failures))


def run(seed: int, words: list[str]) -> dict[str, str]:
    """The tests that failed in a run with this seed, and the first line of why; raises SystemExit when none ran."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.xml"
        seeds = ("--randomly-seed", str(seed), "--hypothesis-seed", str(seed))
        command = [sys.executable, "-m", "pytest", "-q", *EVERYDAY, *seeds, "--junitxml", str(told), *words]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode not in RAN:
            sys.exit(f"pytest ended with {ended.returncode}:\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}")
        return failed(told)


def failed(told: Path) -> dict[str, str]:
    """The tests with a failure or an error in pytest's XML, and the first line of each."""
    cases = ET.parse(told).iter("testcase")  # noqa: S314 - written by pytest just now
    reasons = {case: [*case.iter("failure"), *case.iter("error")] for case in cases}
    return {
        f"{case.get('classname')}::{case.get('name')}": (found[0].get("message") or "").partition("\n")[0]
        for case, found in reasons.items()
        if found
    }


if __name__ == "__main__":
    main()
