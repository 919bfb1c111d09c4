"""What is claimed of the whole recommender: more than the best single model, on ML-100K."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words


def _systems(one: Found, *way: str) -> Iterator[list[str]]:
    """Each system: NDCG@10 with its interval, and what the whole has over it, by the same users."""
    found = one
    for name in way:
        found = found[name]
    for name, told in found["ndcg"].items():
        over = found["over"].get(name)
        gain = f"{over['difference']:+.4f} ({over['low']:+.4f} … {over['high']:+.4f})" if over else ""
        yield [name, f"{told['value']:.4f} ({told['low']:.4f} … {told['high']:.4f})", gain]


def warm(one: Found) -> Iterator[list[str]]:
    """Users with likes on both sides of the cut."""
    return _systems(one, "time", "warm")


def strangers(one: Found) -> Iterator[list[str]]:
    """Users without any event before the cut."""
    return _systems(one, "time", "strangers")


def last(one: Found) -> Iterator[list[str]]:
    """Last items."""
    return _systems(one, "last")


_COLUMNS = (Words("system", "系统"), Words("NDCG@10", "NDCG@10"), Words("the whole over it", "完整系统相对其增益"))
SYSTEM = Claim(
    script="recommend.movielens_system",
    says=Words(
        "the whole recommender ranks better than the best single model, at a moment and before last items",
        "无论按时间切分还是预测最后一项，完整推荐系统的排序都优于最好的单一模型",
    ),
    against=Words(
        "ItemKNN, EASE and iALS with settings chosen on validation, the best of them on the test itself",
        "在验证集上调参的 ItemKNN、EASE 与 iALS，取其中在测试集上最好者",
    ),
    minutes=8,
    figures=(
        Figure(what=Words("NDCG@10, cut by time", "NDCG@10，按时间切分"), at="time/warm/ndcg/system"),
        Figure(
            what=Words("over the best single model, low end", "相对最好的单一模型，区间下端"),
            at="time/warm/over_peer/low",
            goal=">= 0.0001",
        ),
        Figure(
            what=Words("gain over the best single model", "相对最好的单一模型的提升"),
            at="time/warm/gain",
            unit="%",
            stretch=">= 0.1",
        ),
        Figure(
            what=Words("NDCG@10 of last items", "最后一项的 NDCG@10"),
            at="last/ndcg/system/value",
            goal=">= 0.052",
            stretch=">= 0.055",
        ),
        Figure(
            what=Words("over the best single model on last items, low end", "最后一项：相对最好的单一模型，区间下端"),
            at="last/over_peer/low",
            goal=">= 0.0001",
        ),
        Figure(what=Words("over what is popular of late", "相对近期热门"), at="time/warm/over/popularity"),
        Figure(what=Words("NDCG@10 for strangers", "陌生用户的 NDCG@10"), at="time/strangers/ndcg/system"),
        Figure(
            what=Words("for strangers, over what is popular of late", "陌生用户，相对近期热门"),
            at="time/strangers/over/popularity",
        ),
        Figure(
            what=Words("what trees add, on validation", "决策树的增益（验证集）"),
            at="time/chosen/trees_ahead/value",
        ),
        Figure(what=Words("p99 of a list", "单个列表 p99 延迟"), at="time/list_ms/p99", unit="ms"),
    ),
    lists=(
        List(title=Words("Warm users", "有历史的用户"), columns=_COLUMNS, rows=warm),
        List(title=Words("Strangers", "陌生用户"), columns=_COLUMNS, rows=strangers),
        List(title=Words("Last items", "最后一项"), columns=_COLUMNS, rows=last),
    ),
    measures=("src/argosy/recommend/ranking", "src/argosy/recommend/baselines", "src/argosy/recommend/tuning.py"),
)
