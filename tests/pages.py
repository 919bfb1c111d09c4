"""The code of the documentation's pages."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def blocks(page: Path, language: str) -> list[str]:
    """The code of a page that is in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def lines(page: Path, program: str) -> list[str]:
    """The command lines of a page that start a program, without their comments."""
    whole = (re.sub(r"\\\n\s*", "", block) for block in blocks(page, "sh"))
    every = (line.split("    #")[0].strip() for block in whole for line in block.splitlines())
    found = (re.sub(r"^([A-Z_]+=\S+ )+", "", line) for line in every)
    return [line for line in found if line.startswith(f"{program} ")]
