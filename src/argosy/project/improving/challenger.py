"""The challenger: a project of its own, made of the champion's settings, the rows it knows, and the new ones.

A champion that is a tuned Transformer and knows all labels learns on: from its own weights, on the new rows and as many
old ones, with more old rows replayed so that it does not forget. Any other learns anew, from the project's base on all
rows, so that a new label finds its place. Rows that judge are the test rows of the challenger's project: no stage
chooses anything on them.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import polars as pl

from argosy.config import file
from argosy.config.schema import FILE, Project
from argosy.core.artifact import write_atomically
from argosy.core.errors import ProjectError
from argosy.infer.folder import told
from argosy.infer.load import LINEAR, TORCH
from argosy.project.building import build as building
from argosy.project.building.run import Done, Progress
from argosy.project.improving.gather import Gathered, Row, held_out, key_of
from argosy.project.improving.known import JUDGE, LEARN, OLD, Known, Pair, write_pairs
from argosy.stages.classify import suspects
from argosy.stages.data import clean

PLACES = "places.jsonl"
"""The file that names the new rows of a try without their texts."""
Method = Literal["learn_on", "anew"]
_KEPT = frozenset(
    {"name", "task", "product", "size", "languages", "seed", "extensions", "data", "redact", "base", "baselines"}
    | {"train", "continual", "gate", "target", "cost"}
)
_PER_LABEL = 5  # old rows of each label beside the new ones, at least
_TWO = 2  # rows of a label, so that one may be learnt from and one tested on
_FALSE = 0.1  # share of the old rows whose labels may be doubted by models that understood them
_REPLAYED = 50  # old rows to replay, at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenger:
    """A project to build in ``place``, which is to ``learn`` these rows."""

    place: Path
    project: Project
    method: Method
    learn: Sequence[Pair]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """Of the new rows to learn from those whose label is probably wrong, and whether that may be believed."""

    suspects: int
    rows: int
    believed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Divided:
    """The rows of a try: new ones to learn from, and both kinds that judge."""

    fresh: Sequence[Pair]
    known: Sequence[Pair]
    old: Sequence[Pair]
    new: Sequence[Pair]

    @property
    def learn(self) -> list[Pair]:
        """All that may be learnt from."""
        return [*self.known, *self.fresh]


def divide(known: Known, gathered: Gathered, share: float) -> Divided:
    """Hold out a share of the new rows; labels that stand on one row are learnt from alone."""
    parts = {True: list[Pair](), False: list[Pair]()}
    for row in gathered.rows:
        parts[held_out(row.key, share)].append(_pair(row))
    counts = Counter(pair.label for pair in (*known.learn, *parts[False]))
    scarce = [pair for pair in known.judge if counts[pair.label] < _TWO]
    labels = {*counts, *(pair.label for pair in scarce)}
    return Divided(
        fresh=parts[False],
        known=[*known.learn, *scarce],
        old=[pair for pair in known.judge if counts[pair.label] >= _TWO],
        new=[pair for pair in parts[True] if pair.label in labels],
    )


def prepare(project: Project, folder: Path, place: Path, champion: Path, parts: Divided) -> Challenger:
    """Write the challenger's project into ``place``; what stands there already is what an earlier call wrote."""
    place.mkdir(parents=True, exist_ok=True)
    learn, again = _learn_on(project, champion, parts) or (parts.learn, None)
    method: Method = "anew" if again is None else "learn_on"
    write_pairs(learn, place / LEARN)
    write_pairs([*parts.old, *parts.new], place / JUDGE)
    if again is None:
        (place / OLD).unlink(missing_ok=True)
    else:
        write_pairs(again, place / OLD)
    _write_places(parts, place / PLACES)
    values = _values(project, folder, champion if again is not None else None)
    for name in project.extensions:
        _copy_module(folder, place, name)
    return Challenger(place=place, project=_written(place, values), method=method, learn=learn)


def check(challenger: Challenger, fresh: Sequence[Pair], tell: Callable[[Progress], None]) -> tuple[Challenger, Doubts]:
    """What small models that did not see them doubt of the ``fresh`` rows, and the challenger, which leaves these out.

    Where they doubt many of the rows that were known before as well, they have not understood the labels: then their
    doubts are worth nothing, and the challenger learns all rows.
    """
    done = building.build(challenger.project, challenger.place, tell, until="suspects", wait=0)
    if not isinstance(done, Done):
        raise TypeError(done)
    table = pl.read_csv(done.artifacts["suspects"].path / suspects.TABLE, columns=["id"], infer_schema=False)
    numbers = {int(name.rpartition(":")[2]) for name in table["id"]}
    new = {id(pair) for pair in fresh}
    doubted = [id(pair) in new for number, pair in enumerate(challenger.learn, start=1) if number in numbers]
    old, all_old = doubted.count(False), len(challenger.learn) - len(fresh)
    doubts = Doubts(suspects=doubted.count(True), rows=len(fresh), believed=old <= _FALSE * all_old)
    return challenger if doubts.believed else _rewritten(challenger, "suspects", "keep"), doubts


def build(challenger: Challenger, tell: Callable[[Progress], None]) -> Path:
    """Build it, or go on where a build was stopped; the model's folder."""
    built = building.build(challenger.project, challenger.place, tell, wait=0)
    if not isinstance(built, building.Built):
        raise TypeError(built)
    return built.model


def toml(values: Mapping[str, Any], *path: str) -> Iterator[str]:
    """The lines of a project file with these values; tables without a value are left out."""
    plain = {name: value for name, value in values.items() if not isinstance(value, dict) and value is not None}
    if plain and path:
        yield f"[{'.'.join(map(_quoted, path))}]"
    for name, value in plain.items():
        yield f"{_quoted(name)} = {_quoted(value)}"
    for name, value in values.items():
        if isinstance(value, dict):
            yield from toml(value, *path, name)


def _written(place: Path, values: Mapping[str, Any]) -> Project:
    write_atomically(place / FILE, "\n".join(toml(values)) + "\n")
    return file.load(place)


def _rewritten(challenger: Challenger, key: str, value: str) -> Challenger:
    """The challenger with another value in its table of data."""
    values = _told(challenger.project)
    values["data"][key] = value
    return replace(challenger, project=_written(challenger.place, values))


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _pair(row: Row) -> Pair:
    tenant, event, index = row.place
    return Pair(
        text=row.text,
        label=row.label,
        new={"source": row.source, "tenant": tenant, "event": event, "index": index},
    )


def _learn_on(project: Project, champion: Path, parts: Divided) -> tuple[list[Pair], list[Pair]] | None:
    """The rows to learn and those to replay, where the champion can learn on; None where it cannot."""
    described = told(champion)
    if described["served"] == LINEAR or TORCH not in described["engines"]:
        return None
    if {pair.label for pair in parts.learn} != set(described["labels"]):
        return None
    beside = _sample(parts.known, len(parts.fresh), clean.steps(project))
    chosen = {id(pair) for pair in beside}
    again = [pair for pair in parts.known if id(pair) not in chosen]
    return ([*beside, *parts.fresh], again) if len(again) >= _REPLAYED else None


def _sample(pairs: Sequence[Pair], count: int, steps: Sequence[str]) -> list[Pair]:
    """About ``count`` rows, every label keeping its share and some rows, the same whenever it is asked."""
    by_label: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in sorted(pairs, key=lambda one: key_of(one.text, steps)):
        by_label[pair.label].append(pair)
    wanted = {label: max(_PER_LABEL, round(count * len(some) / len(pairs))) for label, some in by_label.items()}
    return [pair for label, some in sorted(by_label.items()) for pair in some[: wanted[label]]]


def _write_places(parts: Divided, path: Path) -> None:
    """Which rows are new, by tenant, event and place, and what became of each."""
    with path.open("w", encoding="utf-8") as lines:
        for part, pairs in (("learn", parts.fresh), ("judge", parts.new)):
            for pair in pairs:
                lines.write(json.dumps({**(pair.new or {}), "part": part}, ensure_ascii=False) + "\n")


def _values(project: Project, folder: Path, champion: Path | None) -> dict[str, Any]:
    """What stands in the challenger's project file; a ``champion`` is the base that learns on."""
    if not project.trains_transformer:
        raise ProjectError(
            "Only a project that gives texts labels is improved by what customers say.",
            where=FILE,
            mend="Add the new rows to your data and build again: argosy run {folder}",
            folder=folder,
        )
    values = {name: value for name, value in _told(project).items() if name in _KEPT}
    data = project.data
    values["data"] = {
        **{
            name: values["data"][name]
            for name in ("near", "script", "steps", "remove", "licence")
            if name in values["data"]
        },
        "train": LEARN,
        "test": JUDGE,
        "leaks": "drop",
        "suspects": "drop" if data.suspects == "keep" else data.suspects,
        **({"unlabelled": _absolute(folder, data.unlabelled)} if data.unlabelled else {}),
    }
    if champion is not None:
        values["base"] = {"model": str(champion.resolve()), "trim": False}
        values["continual"] = {**values.get("continual", {}), "old": OLD}
        return values
    if project.continual is not None:
        values["continual"]["old"] = _absolute(folder, project.continual.old)
    base = project.base_model.model
    local = (folder / Path(base).expanduser()).exists()
    values["base"] = {**values["base"], "model": _absolute(folder, base) if local else base}
    return values


def _told(project: Project) -> dict[str, Any]:
    return project.model_dump(mode="json", exclude_unset=True)


def _absolute(folder: Path, name: str) -> str:
    return str((folder / Path(name).expanduser()).absolute())


def _copy_module(folder: Path, place: Path, name: str) -> None:
    """Bring an extension that lies beside the project file, so that the challenger's can be read alone."""
    source = folder / f"{name}.py"
    if source.is_file():
        (place / source.name).write_bytes(source.read_bytes())
