"""Every message can be said in Chinese, with the same values in it, by the catalogue that is shipped."""

import gettext
import importlib.util
import re
import string
from pathlib import Path
from types import ModuleType

import pytest

from argosy.core.errors import DataError
from argosy.core.language import translator

pytest.importorskip("babel", reason="the catalogue is gathered by Babel, a tool of the checkout")
SCRIPT = Path(__file__).parents[2] / "scripts" / "messages.py"
NUMERIC = tuple("deEfFgGn%,")


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


messages = _script()
CATALOGUE = messages.translations(messages.FOLDER / messages.PO)
TRANSLATIONS = {message: translation for message, translation in CATALOGUE.items() if translation}


def _fields(template: str) -> set[tuple[str, str, str]]:
    """Name, format and conversion of each placeholder."""
    parts = string.Formatter().parse(template)
    return {(name, spec or "", conversion or "") for _, name, spec, conversion in parts if name is not None}


def _extract(folder: Path, source: str) -> list[str]:
    (folder / "module.py").write_text(source, encoding="utf-8")
    return list(messages.extract(folder))


def test_every_message_is_translated_and_nothing_else() -> None:
    """`make messages` names what is missing; a translation of what nobody says any more is an orphan."""
    said = set(messages.extract(messages.SOURCE))
    assert len(said) > 300
    assert said - set(TRANSLATIONS) == set()
    assert set(CATALOGUE) - said == set()


def test_placeholders_are_the_same_and_can_be_filled() -> None:
    """A translation may change their order, not their names or formats, and both languages can be formatted."""
    for message, translation in TRANSLATIONS.items():
        assert _fields(message) == _fields(translation), message
        values = {name: 1.0 if spec.endswith(NUMERIC) else "x" for name, spec, _ in _fields(message)}
        assert message.format(**values)
        assert translation.format(**values)


def test_the_compiled_catalogue_is_that_of_the_text() -> None:
    """Argosy reads exactly what people have edited."""
    with (messages.FOLDER / messages.MO).open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert {message: compiled.gettext(message) for message in TRANSLATIONS} == TRANSLATIONS
    assert len(vars(compiled)["_catalog"]) == len(TRANSLATIONS) + 1  # and the header


def test_compiling_twice_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock does not get into the files; a message without a translation is told by the exit code."""
    (tmp_path / "page.html").write_text("{{ t('{rows} rows') }} {{ t('one row') }}", encoding="utf-8")
    monkeypatch.setattr(messages, "SOURCE", tmp_path)
    assert [messages.main(tmp_path / name) for name in ("a", "b")] == [1, 1]
    for name in (messages.PO, messages.MO):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_chinese_is_set_as_chinese() -> None:
    """After a Chinese character stands full-width punctuation, and no sentence is left in English."""
    for message, translation in TRANSLATIONS.items():
        assert not re.search(r"[\u4e00-\u9fff][,;:!?()]", translation), translation
        code = re.fullmatch(r"pip install [^ ]*( ?--[a-z-]+)* ?'argosy\[.*\]'|\{size\} MB|MB", message)
        words = re.search(r"[A-Za-z]{2}", re.sub(r"\{.*?\}", "", message))
        assert code or not words or re.search(r"[\u4e00-\u9fff]", translation), message


def test_an_error_is_told_in_chinese() -> None:
    """From the raise to the reader, with the values in it."""
    error = DataError("There is no such file; the nearest name is {near!r}.", mend="Correct the name.", near="评论.csv")
    assert error.render(translator("zh")) == "没有这个文件；最接近的文件名是 '评论.csv'。\n  请改正文件名。"


def test_messages_are_found_where_they_may_stand(tmp_path: Path) -> None:
    """Errors and classes derived from them, `mend`, names for either, `t`, and tables of messages."""
    source = """
class OwnError(DataError): ...
class DataError(ArgosyError): ...
_AGAIN = "again"
REASONS: dict[str, str] = {"key": "reason", "other": _AGAIN}
OTHER = {"key": "no message"}
def f(t, x):
    mend = "local"
    t("said"); t(x); len("no message either")
    raise OwnError("one" if x else "two", where="no place", mend=_AGAIN, value="no value") from Other("no error")
    OwnError("three", mend=mend)
"""
    assert _extract(tmp_path, source) == ["said", "one", "two", "again", "three", "local", "reason"]


def test_a_message_that_is_no_literal_is_refused(tmp_path: Path) -> None:
    """What is put together at run time could never be translated; the place is told."""
    with pytest.raises(SystemExit, match=r"module.py, line 2: .* literal"):
        _extract(tmp_path, 'class DataError(ArgosyError): ...\nraise DataError(f"{1}")\n')


def test_messages_are_found_in_templates(tmp_path: Path) -> None:
    """Jinja2 templates say `t` too."""
    (tmp_path / "page.html").write_text("<p>{{ t('{rows} rows').format(rows=2) }} {{ t(word) }}</p>", encoding="utf-8")
    assert list(messages.extract(tmp_path)) == ["{rows} rows"]
