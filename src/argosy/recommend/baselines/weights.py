"""What an event of a history counts: its kind, and how long ago it was."""

import numpy as np

from argosy.recommend.interactions import Floats, History, Ints

DAY = 86_400_000_000


def tastes(history: History, size: int, half_life: float, hint: float) -> tuple[Ints, Floats]:
    """The items of a history below ``size``, each once, with what they count, float32: later ones came after the model.

    A success counts 1 and another event ``hint`` times its strength; either half after each ``half_life`` days (0: it
    never fades) before the last event. Of several events with one item the one that counts most does.
    """
    worth = np.where(history.success, np.float32(1), np.float32(hint) * history.strength)
    if half_life > 0 and len(history):
        worth = worth * np.exp2((history.times - history.times[-1]) / (half_life * DAY)).astype(np.float32)
    kept = (worth > 0) & (history.items < size)
    order = np.argsort(worth[kept], kind="stable")  # of equals the last is written, so the largest stays
    items, place = np.unique(history.items[kept][order][::-1], return_index=True)
    return items.astype(np.int32), worth[kept][order][::-1][place].astype(np.float32)
