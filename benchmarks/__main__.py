"""``make bench``: measure every claim that does not stand, store each result, and write the table.

    python -m benchmarks                     measure what does not stand any more, then write the table
    python -m benchmarks serving memory      the same for these alone
    python -m benchmarks --again serving     measure it although it stands
    python -m benchmarks --list              say what stands, what does not and why, and in how many minutes
    python -m benchmarks --table             write docs/en/benchmarks.md and docs/zh/benchmarks.md, measuring nothing

What stands is not measured again, so a stopped run goes on where it was. ``--data FOLDER`` adds a folder of texts, such
as one with banking77, to the claims that are about it. One script alone is run by ``python -m
benchmarks.serving.serving --quick``: it prints its result and stores nothing.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks import stored, table
from benchmarks.claim import Claim
from benchmarks.claims import CLAIMS
from benchmarks.measuring import ROOT, note, program


def main() -> None:
    """Measure, and write."""
    given = _arguments()
    chosen = () if given.table else [CLAIMS[name] for name in given.again or given.names or CLAIMS]
    data = {folder.name: folder.resolve() for folder in given.data}
    for claim in chosen:
        due = "asked for" if given.again else stored.changed(claim)
        if given.list:
            print(f"{claim.name:22} {due or 'stands':24} {claim.minutes:3} min")
        elif not due:
            note(f"{claim.name}: stands")
        elif claim.data and claim.data not in data:
            note(f"{claim.name}: {due}, and waits for --data FOLDER/{claim.data}")
        else:
            note(f"{claim.name}: {due}; about {claim.minutes} minutes")
            measure(claim, data.get(claim.data))
    for page in () if given.list else table.write():
        note(f"wrote {page.relative_to(ROOT)}")


def measure(claim: Claim, data: Path | None) -> None:
    """Run a script and store its last line."""
    command = program(claim.script, *filter(None, (str(data or ""),)))
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    stored.keep(claim, json.loads(done.stdout.strip().splitlines()[-1]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="these alone")
    parser.add_argument("--again", nargs="+", default=[], metavar="NAME", help="these, although they stand")
    parser.add_argument("--data", nargs="+", type=Path, default=[], metavar="FOLDER", help="more texts")
    parser.add_argument("--list", action="store_true", help="say what stands")
    parser.add_argument("--table", action="store_true", help="write the table alone")
    given = parser.parse_args()
    if unknown := sorted({*given.names, *given.again} - CLAIMS.keys()):
        sys.exit(f"no claim has the name {', '.join(unknown)}; there are {', '.join(CLAIMS)}")
    return given


if __name__ == "__main__":
    main()
