"""Kill a run at random moments, 100 times; every result must equal that of an undisturbed run.

    python -m benchmarks.project.kills [--quick]

The kills are those of the tests of the project, which take their number as an option.
"""

import subprocess
import sys

from benchmarks.measuring import ROOT, arguments, tell


def main(kills: int) -> None:
    """Let the tests kill, and tell."""
    words = ["-m", "pytest", "-q", "-k", "killed_at_random", f"--kills={kills}", "--timeout=1800", "tests/project"]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    tell("kills", {"kills": kills, "passed": done.returncode == 0})


if __name__ == "__main__":
    main(3 if arguments(__doc__).quick else 100)
