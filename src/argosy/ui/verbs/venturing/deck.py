"""``argosy deck``: a plan as what investors ask for: a document, slides and a workbook."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from argosy.core.errors import ProjectError
from argosy.core.language import LANGUAGES
from argosy.project.venturing.presenting import FORMS, Form, hold, present
from argosy.project.venturing.telling import tell
from argosy.ui.speech import language as spoken
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.build import say_json
from argosy.venture.financing.ocf.read import read
from argosy.venture.financing.ownership import ownership


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What was asked for; None is the default."""

    out: Path | None
    only: str | None
    language: str | None
    captable: Path | None
    force: bool


def deck(folder: Path, wishes: Wishes, *, as_json: bool) -> None:
    """Write the forms, each in each language; raises ProjectError for an unknown one, and what ``present`` raises."""
    forms = _forms(wishes.only)
    languages = LANGUAGES if wishes.language == "both" else (wishes.language or spoken,)
    out = wishes.out or (folder.parent if folder.suffix == ".toml" else folder) / "venture" / "deck"
    hold(out, forms, languages, force=wishes.force)
    owned = ownership(read(wishes.captable)) if wishes.captable else ()
    note(t("drawing    the figures that are not certain; it takes a while"))
    story = tell(folder, datetime.now(UTC).date(), owned)
    written = present(story, out, forms, languages)
    if as_json:
        say_json({"written": [str(one) for one in written]})
        return
    for one in written:
        say(t("wrote      {path}").format(path=one))


def _forms(only: str | None) -> tuple[Form, ...]:
    if only is None:
        return FORMS
    asked = [one.strip().removeprefix(".") for one in only.split(",") if one.strip()]
    unknown = [one for one in asked if one not in FORMS]
    if unknown or not asked:
        raise ProjectError(
            "Expected forms such as docx,pdf, found {found!r}.",
            where="--only",
            mend="Known: {known}.",
            found=only,
            known=", ".join(FORMS),
        )
    return tuple(one for one in FORMS if one in asked)
