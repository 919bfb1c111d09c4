"""What others add to Argosy by name: one frozen record, opened by the module that holds it, and looked up by all rooms.

What is built in stands in plain mappings of the rooms, and is looked up through the same two functions. What a process
opened stays open; the processes that it starts find the same modules, and open what they are told.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from argosy.core.errors import ArgosyError, MissingError, ProjectError
from argosy.core.source import digest_own

ATTRIBUTE = "EXTENSION"  # what a module of an extension calls it
GROUP = "argosy"  # of entry points: each names such a module
OWNER = "argosy"  # of what is built in
_MEND = 'Correct the name, or name the module that brings it in the project file: extensions = ["…"]'


def _none() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What one module adds, by name.

    ``steps`` change a text, the same wherever a model reads one; ``sources`` read files, by the end of their names
    (``data.files.source.Source``); ``metrics`` are ``evaluate.metrics.Metric``, ``tasks`` are
    ``evaluate.tasks.measure.Task``; ``compressors`` propose smaller models (``stages.smaller.students.Compressor``);
    ``products`` are ``products.product.Product``.
    """

    name: str
    steps: Mapping[str, Callable[[str], str]] = field(default_factory=_none)
    sources: Mapping[str, Any] = field(default_factory=_none)
    metrics: Mapping[str, Any] = field(default_factory=_none)
    tasks: Mapping[str, Any] = field(default_factory=_none)
    compressors: Mapping[str, Any] = field(default_factory=_none)
    products: Mapping[str, Any] = field(default_factory=_none)

    def of(self, kind: str) -> Mapping[str, Any]:
        """One of its mappings."""
        mapping: Mapping[str, Any] = getattr(self, kind)
        return mapping


KINDS: tuple[str, ...] = tuple(each.name for each in fields(Extension) if each.name != "name")
_OPEN: dict[str, Extension] = {}  # by module
_CODE: dict[str, str] = {}  # the digest of each when it was opened


def open_extensions(modules: Iterable[str], folder: Path | None = None) -> None:
    """Open these modules, which are installed or lie in ``folder``.

    Raises MissingError where there is no such module or its own imports fail, ProjectError where it holds no Extension
    or is other code than what this process opened before.
    """
    for module in modules:
        if module not in _OPEN:
            if folder is not None:
                let_find(folder)
            _OPEN[module], _CODE[module] = _extension(_imported(module), module), digest_own(module)
        elif digest_own(module) != _CODE[module]:
            raise ProjectError(
                "The extension {module!r} is other code now than what this process has opened.",
                where="extensions",
                mend="Start the program again.",
                module=module,
            )


def open_installed() -> None:
    """Open what installed packages bring, by their entry points in the group ``argosy``."""
    from importlib.metadata import entry_points  # reads the folders of all that is installed

    open_extensions(sorted({entry.module for entry in entry_points(group=GROUP)}))


def opened() -> Mapping[str, Extension]:
    """What is open, by module."""
    return MappingProxyType(_OPEN)


def let_find(folder: Path) -> None:
    """Let this process, and those that it starts, import what lies in a folder; what is installed goes first."""
    place = str(folder.resolve())
    if place not in sys.path:
        sys.path.append(place)
    known = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    if place not in known:
        os.environ["PYTHONPATH"] = os.pathsep.join([*known, place])


def named(kind: str, built_in: Mapping[str, Any]) -> dict[str, Any]:
    """The built-in things of a kind and those of open extensions; raises ProjectError for a name given twice."""
    found, owner = dict(built_in), dict.fromkeys(built_in, OWNER)
    for module, extension in _OPEN.items():
        for name, value in extension.of(kind).items():
            if name in found:
                raise ProjectError(
                    "The name {name!r} is given twice in {kind}: by {one} and by {other}.",
                    where="extensions",
                    mend="Rename one of the two, or take an extension out of `extensions`.",
                    name=name,
                    kind=kind,
                    one=owner[name],
                    other=module,
                )
            found[name], owner[name] = value, module
    return found


def find(kind: str, name: str, built_in: Mapping[str, Any], *, where: str = "") -> Any:
    """The thing of this name; raises ProjectError with the nearest name where there is none."""
    if name in built_in:
        return built_in[name]
    for extension in _OPEN.values():
        if name in extension.of(kind):
            return extension.of(kind)[name]
    raise _unknown(kind, name, list(named(kind, built_in)), where)


def owners(names: Iterable[str]) -> list[str]:
    """The modules of open extensions that bring any of these names, sorted."""
    asked = set(names)
    return sorted(
        module for module, extension in _OPEN.items() if any(asked & extension.of(kind).keys() for kind in KINDS)
    )


@contextmanager
def blaming(name: str) -> Iterator[None]:
    """Tell what goes wrong inside as a fault of the thing of this name, where an extension brings it."""
    try:
        yield
    except ArgosyError:
        raise
    except Exception as error:  # whatever the code of others does
        if not (modules := owners([name])):
            raise
        raise ProjectError(
            "{name!r} of the extension {module!r} fails: {reason}",
            where="extensions",
            mend="Mend it; this shows more: argosy extension check {module}",
            name=name,
            module=modules[0],
            reason=f"{type(error).__name__}: {error}",
        ) from error


def needed(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """The extensions that bring any of these names, as a model stores them: {module: {package, version, digest}}."""
    return {module: {**_release(module), "digest": digest_own(module)} for module in owners(names)}


def open_needed(kept: Mapping[str, Mapping[str, str]], where: str) -> None:
    """Open what ``needed`` told; raises MissingError where it is not there, or is other code than then."""
    for module, told in kept.items():
        try:
            open_extensions([module])
        except MissingError as error:
            raise MissingError(
                "The model stands behind the extension {module!r} ({version}), which is not here.",
                where=where,
                mend="pip install '{package}=={version}', or put its module beside the project file."
                if told["package"]
                else "Put {file} beside the project file, and name the project's folder.",
                module=module,
                file=f"{module.partition('.')[0]}.py",
                package=told["package"],
                version=told["version"],
            ) from error
        if digest_own(module) != told["digest"]:
            raise MissingError(
                "The extension {module!r} is not what the model was built with: its code was {version}, here it is "
                "{found}.",
                where=where,
                mend="Install that version again, or build the model again with `argosy run`.",
                module=module,
                version=_code(told["version"], told["digest"]),
                found=_code(_release(module)["version"], digest_own(module)),
            )


def _unknown(kind: str, name: str, known: Sequence[str], where: str) -> ProjectError:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return ProjectError(
            "There is no {name!r} among the {kind}; the nearest name is {near!r}.",
            where=where,
            mend=_MEND,
            name=name,
            kind=kind,
            near=near[0],
        )
    return ProjectError(
        "There is no {name!r} among the {kind}; there are {names}.",
        where=where,
        mend=_MEND,
        name=name,
        kind=kind,
        names=", ".join(known) or "-",
    )


def _release(module: str) -> dict[str, str]:
    """The package that a module belongs to and its version; of a module in no package, the beginning of its digest."""
    from importlib.metadata import packages_distributions, version

    packages = packages_distributions().get(module.partition(".")[0], ())
    if packages:
        return {"package": packages[0], "version": version(packages[0])}
    return {"package": "", "version": digest_own(module)[:12]}


def _code(version: str, digest: str) -> str:
    """A version with the beginning of the digest, which is the version of a module in no package."""
    return version if digest.startswith(version) else f"{version} ({digest[:12]})"


def _imported(module: str) -> ModuleType:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name in _parents(module):
            raise MissingError(
                "There is no module {module!r} for the extension of this name.",
                where="extensions",
                mend="Install its package, or put {file} beside the project file.",
                module=module,
                file=f"{module.partition('.')[0]}.py",
            ) from error
        raise _broken(module, error) from error
    except Exception as error:  # whatever a module of others does when it is imported
        raise _broken(module, error) from error


def _broken(module: str, error: Exception) -> MissingError:
    return MissingError(
        "The extension {module!r} cannot be imported: {reason}",
        where="extensions",
        mend="Mend the module; python -c 'import {module}' shows where it fails.",
        module=module,
        reason=f"{type(error).__name__}: {error}",
    )


def _parents(module: str) -> Sequence[str]:
    parts = module.split(".")
    return [".".join(parts[: depth + 1]) for depth in range(len(parts))]


def _extension(module: ModuleType, name: str) -> Extension:
    extension = getattr(module, ATTRIBUTE, None)
    if not isinstance(extension, Extension):
        raise ProjectError(
            "The module {module!r} has no {attribute} that is an Extension.",
            where="extensions",
            mend='Write in it:  {attribute} = Extension(name="{module}", …)',
            module=name,
            attribute=ATTRIBUTE,
        )
    return extension
