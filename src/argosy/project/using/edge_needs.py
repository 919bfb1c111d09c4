"""What a program without Argosy needs: modules of Argosy as they are under another name, and packages by version.

Imports are read from the source: those at the top of a module are needed, those inside functions are followed only
where the model's text steps call them.
"""

import ast
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import packages_distributions, version
from pathlib import Path
from types import MappingProxyType

import onnxruntime

from argosy import core
from argosy.core.extension import owners as extending
from argosy.core.source import file_of, reachable
from argosy.infer.engines.linear import METADATA

FILE = "requirements.txt"
NAME = "parts"  # what the package of copied modules is called
_ROOT = Path(core.__file__).parents[1]
_IMPORT = re.compile(r"^(\s*)(from|import) argosy\b", re.MULTILINE)
_RUNTIME = ("numpy", "onnxruntime", "tokenizers")
_SECONDS = 120.0  # that an index may take to answer
_LINUX = ("manylinux2014", "manylinux_2_17", "manylinux_2_24", "manylinux_2_27", "manylinux_2_28")
PLATFORMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Linux x86_64": tuple(f"{one}_x86_64" for one in _LINUX),
        "Linux aarch64": tuple(f"{one}_aarch64" for one in _LINUX),
        "macOS arm64": ("macosx_14_0_arm64",),
        "Windows x86_64": ("win_amd64",),
    }
)


def renamed(source: str) -> str:
    """The source with its imports of Argosy's modules turned to the copies."""
    return _IMPORT.sub(rf"\1\2 {NAME}", source)


def write(draft: Path, text_steps: Sequence[str], *, linear: bool, graph: Path) -> None:
    """Copy the modules that ``text_steps`` and the engine need, and list the packages with their versions."""
    followed = {"argosy.infer.engines.linear"} if linear else {"argosy.infer.engines.onnx", "argosy.infer.tokens"}
    if any(step.split("=")[0] == "redact" for step in text_steps):
        followed.add("argosy.data.redact")
    packages = {"numpy", "onnxruntime"} if linear else set(_RUNTIME)
    if "simplified" in text_steps:
        followed.add("argosy.data.script")
        packages.add("opencc")
    theirs, beside = _extensions(draft, text_steps)
    modules, imported = _closure(followed | theirs)
    imported |= beside
    for path in modules:
        target = draft / NAME / path.relative_to(_ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(renamed(path.read_text(encoding="utf-8")), encoding="utf-8")
    (draft / NAME / "__init__.py").write_text('"""Modules of Argosy, as they are."""\n', encoding="utf-8")
    owners = packages_distributions()
    names = {owners[name][0].lower() for name in packages | imported} | (_wording(graph) if linear else set())
    (draft / FILE).write_text("".join(f"{name}=={_public(name)}\n" for name in sorted(names)), encoding="utf-8")


def _extensions(draft: Path, text_steps: Sequence[str]) -> tuple[set[str], set[str]]:
    """Copy the modules of the extensions that the steps come from; what they import of Argosy's, and of others."""
    reached = {name for owner in extending(text_steps) for name in reachable(owner)}
    theirs = {name: path for name in reached if not name.startswith("argosy.") and (path := file_of(name))}
    for name, path in theirs.items():
        parts = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
        target = draft.joinpath(*parts, path.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(renamed(path.read_text(encoding="utf-8")), encoding="utf-8")
    imported = {name for path in theirs.values() for top, name in _imports(path) if top}
    own = {name for name in imported if name.startswith("argosy.")}
    packages = {name.split(".")[0] for name in theirs} | sys.stdlib_module_names
    return own, {name.split(".")[0] for name in imported - own} - packages


def resolve(requirements: Path) -> dict[str, bool | None]:
    """Whether wheels of every package exist for each of ``PLATFORMS``; None where no index could be asked."""
    with ThreadPoolExecutor(len(PLATFORMS)) as pool:
        found = dict(
            zip(PLATFORMS, pool.map(lambda tags: _resolves(requirements, tags), PLATFORMS.values()), strict=True)
        )
    return found if any(found.values()) else dict.fromkeys(found)


def _resolves(requirements: Path, tags: Sequence[str]) -> bool | None:
    """Whether pip finds wheels for a platform, without fetching what it can learn without."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--only-binary=:all:"]
    command += ["--quiet", "--disable-pip-version-check", "--implementation", "cp", "--python-version", python]
    for tag in tags:
        command += ["--platform", tag]
    with tempfile.TemporaryDirectory() as nowhere:
        command += ["--target", nowhere, "--requirement", str(requirements)]
        try:
            ran = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        except (subprocess.TimeoutExpired, OSError):
            return None
    return ran.returncode == 0


def _closure(followed: set[str]) -> tuple[list[Path], set[str]]:
    """The files of the modules that these need, and the names of foreign packages that they import."""
    files: dict[Path, None] = {}
    foreign: set[str] = set()
    waiting = [*followed]
    while waiting:
        name = waiting.pop()
        for path in _files(name):
            if path in files:
                continue
            files[path] = None
            for top, module in _imports(path):
                if module.startswith("argosy."):
                    waiting += [module] if top or module in followed else []
                elif top and module.split(".")[0] not in sys.stdlib_module_names:
                    foreign.add(module.split(".")[0])
    return sorted(files), foreign


def _files(module: str) -> Iterator[Path]:
    """The file of a module, and those of the packages it lies in, the root aside."""
    parts = module.split(".")[1:]
    for depth in range(1, len(parts) + 1):
        place = _ROOT.joinpath(*parts[:depth])
        if place.is_dir():
            yield place / "__init__.py"
        elif place.with_suffix(".py").is_file():
            yield place.with_suffix(".py")


def _imports(path: Path) -> Iterator[tuple[bool, str]]:
    """Every module that a file imports, and whether it does so at its top."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = set(map(id, tree.body))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((id(node) in top, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield id(node) in top, node.module


def _wording(graph: Path) -> set[str]:
    """The packages by which a linear model cuts words."""
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    card = json.loads(session.get_modelmeta().custom_metadata_map[METADATA])
    return set(card.get("wording", {}).get("versions", {}))


def _public(name: str) -> str:
    """The version that an index knows: without what a local build adds."""
    return version(name).partition("+")[0]
