"""A plan's document, slides and workbook written into a folder: all of them or none, and no edited file is lost."""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

from argosy.core.artifact import machine_error, write_atomically
from argosy.core.errors import MissingError, ProjectError
from argosy.core.language import translator
from argosy.serve.billing.forms import pdf_of
from argosy.venture.deck import document, slides, workbook
from argosy.venture.deck.packages import package
from argosy.venture.deck.page import page
from argosy.venture.deck.story import Story

Form = Literal["docx", "pdf", "pptx", "xlsx"]
FORMS: tuple[Form, ...] = get_args(Form)
RECORD = "written.json"
_NEEDS: Mapping[Form, tuple[str, ...]] = {
    "docx": ("docx", "matplotlib"),
    "pdf": ("matplotlib",),
    "pptx": ("pptx",),
    "xlsx": ("xlsxwriter",),
}


def hold(out: Path, forms: Sequence[Form], languages: Sequence[str], *, force: bool) -> None:
    """That the forms can be written into ``out``.

    Raises MissingError for a package that is not installed, and, unless forced, ProjectError for a file there that is
    not as it was written last: it is someone's own.
    """
    for name in dict.fromkeys(name for form in forms for name in _NEEDS[form]):
        package(name)
    if "pdf" in forms:
        _try_pdf()
    known = _record(out)
    own = [name for name, _, _ in _names(forms, languages) if _digest(out / name) not in (None, known.get(name))]
    if own and not force:
        raise ProjectError(
            "These files are not as they were written last: {names}.",
            where=str(out),
            mend="Move them away, or write elsewhere with --out; --force overwrites them.",
            names=", ".join(own),
        )


def present(story: Story, out: Path, forms: Sequence[Form], languages: Sequence[str]) -> list[Path]:
    """Write each form in each language, and return the files; what was there before is replaced.

    With several languages the files are called by them: ``plan.zh.docx``. Raises MissingError for a package that is not
    installed, MachineError for what the system refuses. All is written aside first, so that no file is ever half there.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".deck-", dir=out) as aside:
            names = list(_names(forms, languages))
            for name, form, language in names:
                _write(story, Path(aside) / name, form, language)
            written = {name: _digest(Path(aside) / name) for name, _, _ in names}
            for name in written:
                (Path(aside) / name).replace(out / name)
        write_atomically(out / RECORD, json.dumps({**_record(out), **written}, indent=1) + "\n")
    except OSError as error:
        raise machine_error(error, out) from error
    return [out / name for name in written]


def _write(story: Story, path: Path, form: Form, language: str) -> None:
    t = translator(language)
    if form == "docx":
        document.write(story, path, t, language)
    elif form == "pdf":
        path.write_bytes(pdf_of(page(story, t, language)))
    elif form == "pptx":
        slides.write(story, path, t, language)
    else:
        workbook.write(story.model, story.values, story.parts.worth, path, t)


def _try_pdf() -> None:
    try:
        pdf_of("<p></p>")
    except MissingError as error:
        raise MissingError(
            "A PDF cannot be made here.",
            mend="pip install 'argosy[pdf]' and, on Debian, apt install libpango-1.0-0 libpangoft2-1.0-0"
            " fonts-noto-cjk; or leave it out: argosy deck --only docx,pptx,xlsx",
        ) from error


def _names(forms: Sequence[Form], languages: Sequence[str]) -> Iterator[tuple[str, Form, str]]:
    for language in languages:
        middle = f".{language}" if len(languages) > 1 else ""
        for form in forms:
            yield f"{'deck' if form == 'pptx' else 'plan'}{middle}.{form}", form, language


def _record(out: Path) -> dict[str, str]:
    """The digests of the files as they were written last; none where that cannot be read: no file is known then."""
    try:
        found = json.loads((out / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _digest(path: Path) -> str | None:
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else None
