"""Check that the locks install for anyone: nothing of this machine in them and, with ``--index``, nothing unknown.

``--index`` asks the public index, with every setting of pip on this machine switched off, which files it would
install here, and compares their hashes with the locked ones. It reads metadata only: pip would fetch several
gigabytes to check the hashes of the files themselves.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "requirements"
FOREIGN = re.compile(r"\+cpu|\+cu\d|file:|://|@ |--(?:extra-)?index-url|--find-links|-[efi] |(?:^|\s)[~.]?/|\\\w")
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)(?: ; .+?)? \\$")
HASH = re.compile(r"^    --hash=sha256:([0-9a-f]{64})(?: \\)?$")


def main() -> None:
    """Say what is wrong with the locks and exit with 1, or say that nothing is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", action="store_true", help="resolve the locks once from the public index")
    ask = parser.parse_args().index
    wrong = [line for lock in sorted(FOLDER.glob("*.lock")) for line in foreign_lines(lock)]
    wrong += [line for lock in sorted(FOLDER.glob("*.lock")) for line in unknown_files(lock)] if ask else []
    if wrong:
        sys.exit("\n".join(wrong))
    print("locks: " + ("the public index has every pinned file" if ask else "nothing of one machine in them"))


def foreign_lines(lock: Path) -> list[str]:
    """The lines that are neither a comment, a pinned version nor a hash, or that name a place or a build."""
    lines = enumerate(lock.read_text(encoding="utf-8").splitlines(), start=1)
    return [f"{lock.name}, line {number}: {line}" for number, line in lines if not is_sound(line)]


def is_sound(line: str) -> bool:
    """Whether a line of a lock would mean the same on every machine."""
    shape = line.lstrip().startswith("#") or PIN.match(line) or HASH.match(line)
    return bool(shape) and not FOREIGN.search(line)


def locked_hashes(text: str) -> dict[str, set[str]]:
    """The hashes of each package of a lock, by its name."""
    hashes: dict[str, set[str]] = {}
    for line in text.splitlines():
        if pin := PIN.match(line):
            current = hashes.setdefault(pin[1], set())
        elif found := HASH.match(line):
            current.add(found[1])
    return hashes


def unknown_files(lock: Path) -> list[str]:
    """The files that the public index would give for a lock here and that the lock does not know."""
    text = lock.read_text(encoding="utf-8")
    hashes = locked_hashes(text)
    found = resolve("\n".join(line.rstrip(" \\") for line in text.splitlines() if PIN.match(line)))
    return [
        f"{lock.name}: the index's {name} {digest} is not locked"
        for name, digest in found
        if digest not in hashes[name]
    ]


def resolve(requirements: str) -> list[tuple[str, str]]:
    """Name and SHA-256 of each file that pip would install for ``requirements`` from the public index."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_") or name == "PIP_CERT"}
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed", "--no-deps"]
    with tempfile.TemporaryDirectory() as folder:
        wanted, report = Path(folder, "wanted.txt"), Path(folder, "report.json")
        wanted.write_text(requirements, encoding="utf-8")
        command += ["--no-build-isolation", "--report", str(report), "--requirement", str(wanted)]
        subprocess.run(command, env=kept | {"PIP_CONFIG_FILE": os.devnull}, check=True)
        files = json.loads(report.read_text(encoding="utf-8"))["install"]
    return [
        (canonical(file["metadata"]["name"]), file["download_info"]["archive_info"]["hashes"]["sha256"])
        for file in files
    ]


def canonical(name: str) -> str:
    """A package's name as the locks spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
