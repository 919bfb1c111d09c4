"""Bring the Chinese messages up to date: ``zh.po``, which people edit, and ``argosy.mo``, which Argosy reads.

A message is an English ``str.format`` template that stands in the source as a literal, in one of three places:

- the first argument or the ``mend`` of an ``ArgosyError``, or of a class derived from it (a name stands for the string
  that is assigned to it in the same file);
- a call of ``t`` or ``translate`` (or of a record's field of that name), in Python or in a Jinja2 template;
- a table of messages, or one message told by way of a variable: a constant of a module whose name ends in one of
  ``TABLES``, or a keyword in ``TOLD``, such as the ``reason`` of an ``Undefined`` metric.
"""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

SOURCE = Path(__file__).parents[1] / "src" / "argosy"
FOLDER = SOURCE / "core" / "locale" / "zh" / "LC_MESSAGES"
PO, MO = "zh.po", "argosy.mo"
SPOKEN = ("t", "translate")
TABLES = ("MESSAGES", "REASONS", "SENTENCES", "ADVICE", "CAVEAT", "SHIFTED", "STEADY", "TOO_FEW")
# the keyword that is a message, by call
TOLD = {"Undefined": "reason", "Alarm": "means", "Product": "about", "Page": "title"}
_DATE = datetime(
    2026, 1, 1, tzinfo=UTC
)  # the header must hold one; a fixed one, so that equal messages make equal files


def main(folder: Path = FOLDER) -> int:
    """Write both files; name the messages without a translation and return 1 while there are any."""
    messages = extract(SOURCE)
    known = translations(folder / PO)
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = compose(messages, known)
    with (folder / PO).open("wb") as file:
        write_po(file, catalogue, width=120, include_lineno=False)
    with (folder / MO).open("wb") as file:
        write_mo(file, catalogue)
    for message in known.keys() - messages.keys():
        print(f"no longer said: {message!r}")
    missing = [message for message in messages if not known.get(message)]
    for message in missing:
        print(f"{messages[message][0]}: not translated: {message!r}")
    print(f"{len(messages)} messages, {len(messages) - len(missing)} translated: {folder / PO}")
    return 1 if missing else 0


def extract(source: Path) -> dict[str, list[str]]:
    """Every message with the files that say it; raises SystemExit for an error whose message is no literal."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(source.rglob("*.py"))}
    errors = _errors(trees.values())
    found: dict[str, list[str]] = {}
    for path in sorted([*trees, *source.rglob("*.j2"), *source.rglob("*.html")]):
        name = path.relative_to(source.parent).as_posix()
        for message in _of_python(trees[path], errors, name) if path in trees else _of_jinja(path):
            places = found.setdefault(message, [])
            places += [] if name in places else [name]
    return found


def translations(po: Path) -> dict[str, str]:
    """What a catalogue says for each message; nothing when the file is not there."""
    if not po.is_file():
        return {}
    with po.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale="zh") if message.id}


def compose(messages: Mapping[str, Iterable[str]], known: Mapping[str, str]) -> Catalog:
    """The catalogue of ``messages`` in their order, with the translations that are ``known``."""
    catalogue = Catalog(
        locale="zh",
        project="Argosy",
        version="messages",
        msgid_bugs_address="none",
        header_comment="# Chinese messages of Argosy. `make messages` compiles them.",
        creation_date=_DATE,
        revision_date=_DATE,
        last_translator="Argosy",
        language_team="Argosy",
        fuzzy=False,
    )
    for message, places in messages.items():
        catalogue.add(message, known.get(message, ""), locations=[(place, 0) for place in places])
    return catalogue


def _errors(trees: Iterable[ast.Module]) -> frozenset[str]:
    """The names of ``ArgosyError`` and of all classes derived from it that take a message."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found = {"ArgosyError"}
    while grown := {node.name for node in classes if found & set(map(ast.unparse, node.bases))} - found:
        found |= grown
    return frozenset(found - {node.name for node in classes if not _takes_a_message(node)})


def _takes_a_message(node: ast.ClassDef) -> bool:
    """Whether the first argument is a message: ``Problems`` takes other errors."""
    starts = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
    return all("message" in {argument.arg for argument in start.args.args[1:2]} for start in starts)


def _of_python(tree: ast.Module, errors: frozenset[str], name: str) -> Iterator[str]:
    assigned = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        if _called(node.func) in SPOKEN:
            yield from (text for text in map(_literal, node.args[:1]) if text)
        if isinstance(node.func, ast.Name):
            for said in _said(node, node.func.id, errors):
                yield from _resolve(said, assigned, name)
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
            target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
            if isinstance(target, ast.Name) and target.id.endswith(TABLES):
                yield from _values(statement.value, assigned)


def _called(function: ast.expr) -> str:
    """The name of a function, or that of a record's field which holds one."""
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _said(call: ast.Call, called: str, errors: frozenset[str]) -> Iterator[ast.expr]:
    """The arguments of a call that are messages: those of an error, and the keywords of ``TOLD``."""
    if called in errors:
        yield from call.args[:1]
    word = "mend" if called in errors else TOLD.get(called)
    yield from (keyword.value for keyword in call.keywords if word and keyword.arg == word)


def _resolve(said: ast.expr, assigned: Mapping[str, ast.expr], name: str) -> Iterator[str]:
    """The templates that an error's argument may be."""
    text = _literal(said)
    if text is not None:
        yield from [text] if text else []
    elif isinstance(said, ast.IfExp):
        yield from _resolve(said.body, assigned, name)
        yield from _resolve(said.orelse, assigned, name)
    elif isinstance(said, ast.Name) and said.id in assigned:
        yield from _resolve(assigned[said.id], assigned, name)
    elif _is_passed_on(said):
        return  # another error's words: they are extracted where that one is made
    elif not any(isinstance(part, ast.Name) and part.id.endswith(TABLES) for part in ast.walk(said)):
        sys.exit(f"{name}, line {said.lineno}: an error's message must be a literal, or stand in a table of messages.")


def _values(table: ast.expr, assigned: Mapping[str, ast.expr]) -> Iterator[str]:
    """The strings of a table: the values of a mapping (its keys are no messages) or the members of a sequence."""
    if isinstance(table, ast.Name) and table.id in assigned:
        table = assigned[table.id]
    text = _literal(table)
    if text:
        yield text
    for part in getattr(table, "values", None) or getattr(table, "elts", None) or getattr(table, "args", []):
        yield from _values(part, assigned)


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _of_jinja(path: Path) -> Iterator[str]:
    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    for _, _, said in extract_from_ast(tree, SPOKEN):
        texts = said if isinstance(said, tuple) else (said,)
        yield from [texts[0]] if texts[0] else []


def _is_passed_on(said: ast.expr) -> bool:
    """Whether it is another error's ``message`` or ``mend``, from the error itself or as it was told in JSON."""
    if isinstance(said, ast.Subscript) and isinstance(said.slice, ast.Constant):
        return said.slice.value in {"message", "mend"}
    return isinstance(said, ast.Attribute) and said.attr in {"message", "mend"}


if __name__ == "__main__":
    sys.exit(main())
