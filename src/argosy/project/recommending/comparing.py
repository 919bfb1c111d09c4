"""Who wins when rankers are shown side by side: what users showed, judged by a test that may be looked at any time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from argosy.core.experiment import Design, Standing
from argosy.monitor.experiment import Seen, judge, size
from argosy.recommend.judging.arms import Arms, Judge, Shows


def design(
    arms: Arms,
    *,
    base: float,
    effect: float,
    lists: int = 1,
    spread: float = 0.05,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Design:
    """What is told before an experiment begins; its ``units`` are users of a challenger and the first arm together.

    ``base`` is the share of lists that are acted on now, ``effect`` the difference to find; ``lists`` is how many count
    of a user (the harmonic mean), ``spread`` how much those of one user are alike (their correlation): these two only
    say how many users are needed. Several challengers share ``alpha``. Raises ValueError where nothing can differ so
    from the base.
    """
    rivals = len(arms.shares) - 1
    plain = Design(
        outcome="lists",
        by="tenant",
        share=0.5,
        alpha=alpha / max(rivals, 1),
        power=power,
        effect=effect,
        base=base,
        units=0,
        most=1,
        least=lists,
        spread=spread,
    )
    name = min(list(arms.shares)[1:], key=lambda name: arms.shares[name], default="")
    plain = replace(plain, share=_share(arms, name)) if name else plain
    return replace(plain, units=size(plain).most)


def compare(shown: Shows, arms: Arms, planned: Design) -> Mapping[str, Standing]:
    """How each challenger stands against the first arm; "second" wins where the challenger is better.

    Each user counts once (``most`` of the counting is how many lists tell what they are), so that nobody decides alone.
    """
    first, *others = arms.shares
    told = {}
    for name in others:
        seen = [_seen(one, first, planned.least) for one in shown.judges if one.arm in {first, name}]
        told[name] = replace(
            judge(replace(planned, share=_share(arms, name)), seen),
            left_out=sum(shown.left_out.values()),
            waiting=shown.waiting,
        )
    return told


def winner(told: Mapping[str, Standing]) -> str:
    """The challenger that beats the first arm, by the most where there are several; empty while none does."""
    won: Sequence[str] = [name for name, one in told.items() if one.winner == "second"]
    return max(won, key=lambda name: told[name].difference or 0.0, default="")


def _share(arms: Arms, name: str) -> float:
    """Of the users of a challenger and the first arm, those of the challenger."""
    return arms.shares[name] / (arms.shares[name] + next(iter(arms.shares.values())))


def _seen(one: Judge, first: str, times: int) -> Seen:
    """A user, who counts with the share of their lists that were good, were it a single list."""
    lists, good = times * one.lists, times * one.good
    if one.arm == first:
        return Seen(tenant=one.user, at=one.at, first=lists, first_good=good)
    return Seen(tenant=one.user, at=one.at, second=lists, second_good=good)
