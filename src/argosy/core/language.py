"""The two languages of Argosy: messages are written in English where they arise and translated here."""

import gettext
from collections.abc import Callable
from pathlib import Path

LANGUAGES = ("en", "zh")
_FOLDER = Path(__file__).with_name("locale")


def translator(language: str) -> Callable[[str], str]:
    """A function from the English template to the template in ``language`` (unknown languages: English)."""
    if language not in LANGUAGES or language == "en":
        return str
    return gettext.translation("argosy", localedir=_FOLDER, languages=[language], fallback=True).gettext


def from_locale(value: str | None) -> str:
    """The language for a locale name or an ``Accept-Language`` header.

    >>> from_locale("zh_CN.UTF-8"), from_locale("en-GB,zh;q=0.5"), from_locale(None)
    ('zh', 'en', 'en')
    """
    return "zh" if (value or "").lower().startswith("zh") else "en"
