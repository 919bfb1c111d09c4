"""What the example venture rests on, and how long it takes to reckon it, draw it and find that out.

    python -m benchmarks.venture.example [--quick]

``seconds`` are of one core; ``openpyxl`` formulas are not a peer that reckons, so that the peer of one course is the
same plan, cell by cell, in LibreOffice (its start included, as a user waits for it).
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measuring import arguments, note, tell

from argosy.core.language import translator
from argosy.project.venturing import studying
from argosy.project.venturing.doubting import doubt
from argosy.venture.deck.workbook import write

_FOLDER = Path(studying.__file__).parent
_ROUNDS = 5


def main(*, quick: bool) -> None:
    """Study, doubt, and let LibreOffice reckon the workbook."""
    studied = studying.study(_FOLDER)
    if quick:
        fewer = studied.venture.simulation.model_copy(update={"draws": 500})
        studied = replace(studied, venture=studied.venture.model_copy(update={"simulation": fewer}))
    model = studied.model
    note(f"{len(model.rows)} lines, {len(model.figures)} figures, {len(model.periods)} periods")
    with tempfile.TemporaryDirectory() as place:
        book = Path(place) / "plan.xlsx"
        write(model, studied.values, studied.parts.worth, book, translator("en"))
        own, office = [], []
        for _ in range(_ROUNDS):
            own.append(_seconds(lambda: studying.study(_FOLDER)))
            office.append(_seconds(lambda: _recalculated(book)))
    began = time.process_time()
    doubted = doubt(studied)
    seconds = time.process_time() - began
    if doubted.shares is None:
        raise AssertionError("the example has a discount rate")
    tell(
        "example",
        {
            "lines": len(model.rows),
            "figures": len(model.figures),
            "periods": len(model.periods),
            "seconds": median(own),
            "seconds_rounds": own,
            "office_seconds": median(office),
            "ratio": median(office) / median(own),
            "draws": doubted.draws,
            "draw_seconds": seconds,
            "seed": doubted.seed,
            "shares": {one.kind: {**_interval(one.total), "figures": one.figures} for one in doubted.shares.by},
            "unknown": [
                {"name": one.name, **_interval(one.share), "hint": one.hint} for one in doubted.shares.unknown[:8]
            ],
        },
        packages=("SALib", "numpy"),
    )


def _interval(one: Any) -> dict[str, float]:
    found = asdict(one)
    return {key: found[key] for key in ("value", "low", "high")}


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _recalculated(book: Path) -> None:
    """Opened and reckoned anew by LibreOffice, with a profile of its own."""
    office = shutil.which("soffice") or "soffice"
    words = [f"-env:UserInstallation=file://{book.parent}/profile", "--headless", "--convert-to", "csv"]
    subprocess.run(
        [office, *words, "--outdir", str(book.parent / "out"), str(book)],
        check=True,
        capture_output=True,
        env={**os.environ, "HOME": str(book.parent)},
    )


if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
