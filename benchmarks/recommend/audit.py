"""What a careless test would have claimed of simple recommenders on ML-100K: a random split, sampled negatives.

    python -m benchmarks.recommend.audit [--quick]

The models are those of ``baselines``, tuned on the past alone, cut at the moment of 80 % of the events. ``honest`` is
NDCG@10 of users with likes on both sides of it, all items ranked. ``random`` is the same for the same settings after
one event in five was hidden at random. ``sampled`` looks for one liked item at a time among 100 that were drawn from
those that the user never met, ``full`` for the same ones among all items.
"""

from dataclasses import asdict

from benchmarks.measuring import arguments, note, tell
from benchmarks.recommend.cold import films

from argosy.recommend.interactions import Interactions
from argosy.recommend.protocol.audit import audit
from argosy.recommend.protocol.cutting import cut
from argosy.recommend.scorer import Scorer
from argosy.recommend.tuning import FITS, tune

_SHARE, _SEED = 0.2, 7


def main(*, quick: bool) -> None:
    """Tune, and audit."""
    catalogue, events = films()
    parts = cut(events, "time", _SHARE)
    inner = cut(parts.train, "time", _SHARE)
    names = [name for name in FITS if not (quick and name == "ials")]
    tuned = {name: tune(name, inner, catalogue, None, repeat=False) for name in names}
    note(", ".join(f"{name} {dict(one.settings)}" for name, one in tuned.items()))

    def fits(learnt: Interactions) -> dict[str, Scorer]:
        return {name: FITS[name](learnt, catalogue, tuned[name].settings) for name in names}

    found = asdict(audit(parts, fits(parts.train), events, fits, _SHARE, seed=_SEED))
    best = {kind: max(names, key=found[kind].__getitem__) for kind in ("honest", "random", "sampled", "full")}
    tell("audit", {**found, "best": best}, packages=("implicit", "numpy", "scipy", "recbole"))


if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
