"""Who owns a venture: by a package of the Open Cap Format, or by the rounds of ``venture.toml``."""

from pathlib import Path

from argosy.config.venture.file import FILE, Venture, load
from argosy.core.errors import ProjectError
from argosy.project.venturing.runs import reading
from argosy.venture.financing.equity import Stage, history
from argosy.venture.financing.ocf.read import read
from argosy.venture.financing.ocf.register import Register


def stages(venture: Venture) -> tuple[Stage, ...]:
    """The company from its founding on; none without ``[equity]``. Raises what ``history`` raises."""
    if venture.equity is None:
        return ()
    head = venture.venture
    return history(venture.equity.equity(head.name, head.currency))


def owned(place: Path) -> tuple[Register, tuple[Stage, ...]]:
    """The last register of a venture with its stages, or the one of a package, which has none.

    Raises ProjectError for a venture without ``[equity]``, and what reading raises.
    """
    if place.suffix != ".toml" and not (place / FILE).is_file():
        return read(place), ()
    found = stages(load(place, reading(place)))
    if not found:
        raise ProjectError(
            "Nothing is said of who owns the venture.",
            where=str(place),
            mend="Say it in [equity]: founders, SAFEs, notes and rounds.",
        )
    return found[-1].register, found
