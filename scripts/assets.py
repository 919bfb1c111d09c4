"""Write the files that pages load and that others have made anew from their packages, and verify what they are.

``src/argosy/web/assets/assets.lock`` names the package, the version, the digest of the whole package as its registry
states it, and that of each file. The registry is the one that npm is configured for. For another version write it into
the lock and call this with ``--accept``.
"""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "src" / "argosy" / "web" / "assets"
LOCK = "assets.lock"
Package = dict[str, str]


def main(folder: Path = FOLDER, *, accept: bool = False) -> int:
    """Write each locked file with its licence; with ``accept`` lock what came, else return 1 where it is another."""
    packages = tomllib.loads((folder / LOCK).read_text(encoding="utf-8"))
    wrong = 0
    for name, package in packages.items():
        came, files = _fetch(name, package)
        if accept:
            packages[name] = came
        elif came != package:
            print(f"{name} {package['version']}: not what is locked: {came}")
            wrong = 1
            continue
        for target, body in files.items():
            (folder / target).write_bytes(body)
    if accept:
        (folder / LOCK).write_text(_told(packages), encoding="utf-8")
    return wrong


def integrity(body: bytes) -> str:
    """A digest as npm writes it."""
    return f"sha512-{base64.b64encode(hashlib.sha512(body).digest()).decode()}"


def _fetch(name: str, package: Package) -> tuple[Package, dict[str, bytes]]:
    """The package as it came, and the files to write: its script and its licence."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is not installed; it is needed only to write these files anew.")
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(
            [npm, "pack", "--silent", f"{name}@{package['version']}"], cwd=place, check=True, capture_output=True
        )
        archive = next(Path(place).glob("*.tgz"))
        with tarfile.open(archive) as packed:
            members = {part: _member(packed, part) for part in ("package.json", package["path"], "LICENSE")}
        whole = integrity(archive.read_bytes())
    licence, file = json.loads(members["package.json"])["license"], members[package["path"]]
    came = {**package, "licence": licence, "integrity": whole, "sha256": hashlib.sha256(file).hexdigest()}
    return came, {package["file"]: file, package["licence_file"]: members["LICENSE"]}


def _member(packed: tarfile.TarFile, name: str) -> bytes:
    file = packed.extractfile(f"package/{name}")
    if file is None:
        sys.exit(f"The package holds no file {name}.")
    return file.read()


def _told(packages: Mapping[str, Package]) -> str:
    tables = []
    for name, package in packages.items():
        head = name if re.fullmatch(r"[\w-]+", name) else json.dumps(name)
        tables.append("\n".join([f"[{head}]", *(f"{key} = {json.dumps(value)}" for key, value in package.items())]))
    return "# Written by scripts/assets.py --accept\n" + "\n\n".join(tables) + "\n"


if __name__ == "__main__":
    sys.exit(main(accept="--accept" in sys.argv[1:]))
