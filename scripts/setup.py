"""Make the checkout's own environment: .venv with the locked packages and Argosy itself, changed in place.

Runs on a bare Python 3.11 or newer; pip's own settings and variables (mirror, certificates, proxy) are respected.
"""

import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".venv"
PYTHON = HOME / "bin/python"
LOCKS = ROOT / "requirements"
PIP = [str(PYTHON), "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check", "--no-deps"]


def main() -> None:
    """Install what is locked, torch's CUDA libraries only where the torch at hand is built for them."""
    if sys.version_info < (3, 11):  # noqa: UP036 (nothing has checked the Python yet)
        sys.exit("Argosy needs Python 3.11 or newer; name one with `make PYTHON=/path/to/python3.11 setup`.")
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        sys.exit(
            "This Python cannot make virtual environments: its package venv is missing.\n"
            f"  On Debian and Ubuntu: apt-get install python{version}-venv"
        )
    if not PYTHON.exists():
        venv.create(HOME, with_pip=True, clear=True)
    install(LOCKS / "build.lock")
    install(LOCKS / "dev.lock")
    install(LOCKS / "models.lock")
    install_torch()
    if "nvidia" in output([str(PYTHON), "-c", "import importlib.metadata as m; print(m.requires('torch'))"]):
        install(LOCKS / "torch-cuda.lock")
    run([*PIP, "--no-build-isolation", "--editable", str(ROOT)])
    check()


def install(lock: Path) -> None:
    """Install one lock; what has to be built is built with the locked tools."""
    print(f"setup: {lock.name}", flush=True)
    run([*PIP, "--require-hashes", "--no-build-isolation", "--requirement", str(lock)])


def install_torch() -> None:
    """Install the build of torch that pip's settings prefer, if it is one of those locked, else the public index's.

    pip is asked first and then held to that one file: a folder of wheels tells no hashes, so that pip, given the hashes
    of both builds, would pass over the CPU build that its owner put there.
    """
    lock = LOCKS / "torch.lock"
    text = lock.read_text(encoding="utf-8")
    pin = next(line.rstrip(" \\") for line in text.splitlines() if line.startswith("torch=="))
    files = json.loads(output([*PIP, "--dry-run", "--report", "-", pin]))["install"]
    preferred = [file["download_info"]["archive_info"]["hashes"]["sha256"] for file in files]
    if not all(digest in text for digest in preferred):
        return install(lock)
    with tempfile.TemporaryDirectory() as folder:
        narrowed = Path(folder, "torch.lock")
        narrowed.write_text("".join(f"{pin} --hash=sha256:{digest}\n" for digest in preferred), encoding="utf-8")
        return install(narrowed)


def check() -> None:
    """End where a package lacks what it needs, but for the models, of which only the files are read."""
    models = re.findall(r"^([\w-]+)==", (LOCKS / "models.lock").read_text(encoding="utf-8"), flags=re.MULTILINE)
    said = subprocess.run([str(PYTHON), "-m", "pip", "check"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    broken = [line for line in said.stdout.splitlines() if " has requirement " in line or " requires " in line]
    if wrong := [line for line in broken if line.split()[0] not in models]:
        sys.exit("\n".join(wrong))


def run(command: list[str]) -> None:
    """Run a command; end with its exit code when it fails, since it has said why."""
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code:
        sys.exit(code)


def output(command: list[str]) -> str:
    """What a command prints; its complaints go to the terminal."""
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
