"""A market in which it is known what was said: voices with their needs and feelings, without any mining."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from argosy.venture.market.voices import Mined, Need, Voice

NEEDS = ("price", "setup", "languages", "privacy")
BRANDS = ("Own", "Alpha", "Beta")
# how likely each need is met, by brand
MET = {"Own": (0.5, 0.5, 0.9, 0.5), "Alpha": (0.9, 0.6, 0.2, 0.7), "Beta": (0.3, 0.8, 0.25, 0.3)}
WORDS = {need: (f"{need} is fine", f"{need} is bad") for need in NEEDS}


def market(count: int = 900, *, brands: Sequence[str] = BRANDS, seed: int = 3, dated: bool = True) -> Mined:
    """Two kinds of customers: small ones speak of price and setup, exporters of languages and privacy."""
    rng = np.random.default_rng(seed)
    spoken, felt = np.zeros((count, len(NEEDS)), np.bool_), np.full((count, len(NEEDS)), np.nan, np.float32)
    voices = []
    for at in range(count):
        kind = int(rng.random() < 0.45)
        odds = np.array([[0.45, 0.45, 0.05, 0.05], [0.04, 0.04, 0.52, 0.4]][kind])
        brand = str(rng.choice(brands))
        needs = sorted(set(rng.choice(len(NEEDS), 2, p=odds).tolist()))
        ways = {need: int(rng.random() >= MET.get(brand, (0.5,) * 4)[need]) for need in needs}
        for need, way in ways.items():
            spoken[at, need], felt[at, need] = True, (0.9, -0.9)[way]
        time = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=600 * at / count) if dated else None
        text = ". ".join(WORDS[NEEDS[need]][way] for need, way in ways.items()) + "."
        customer = {"customer": f"c{at}", "sells": ("at home", "abroad")[kind]}
        voices.append(Voice(id=f"v{at}", text=text, brand=brand, rating=3.0, time=time, customer=customer))
    shown = tuple(voices[int(np.flatnonzero(spoken[:, at])[0])] for at in range(len(NEEDS)))
    needs = tuple(
        Need(name=name, words=(name,), shown=(one.id,), quote=one.text) for name, one in zip(NEEDS, shown, strict=True)
    )
    return Mined(voices=tuple(voices), needs=needs, spoken=spoken, felt=felt, rated=np.zeros(count))
