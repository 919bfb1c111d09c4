"""The reader's language, and the two consoles that Argosy writes to."""

import os
import sys

from rich.console import Console

from argosy.core.language import LANGUAGES, from_locale, translator


def choose_language(arguments: list[str], locale: str | None) -> str:
    """``--lang`` where it stands among the arguments (either spelling), else the locale's language.

    >>> choose_language(["run", "--lang", "zh"], "en_US.UTF-8"), choose_language(["run"], "zh_CN.UTF-8")
    ('zh', 'zh')
    """
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "--lang":
            given = value if equals else (arguments[index + 1] if index + 1 < len(arguments) else "")
            return given if given in LANGUAGES else "en"
    return from_locale(locale)


language = choose_language(
    sys.argv[1:], os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
)
t = translator(language)
out = Console(highlight=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)


# what a terminal takes for orders: customers' texts are among what is told
_ORDERS = {code: "�" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}


def say(text: str) -> None:
    """A line on standard output, as it is but for orders to the terminal."""
    out.print(text.translate(_ORDERS), markup=False, soft_wrap=True)


def note(text: str, *, style: str | None = None) -> None:
    """A line on standard error, as it is but for orders to the terminal."""
    err.print(text.translate(_ORDERS), markup=False, soft_wrap=True, style=style)
