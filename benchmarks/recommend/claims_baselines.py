"""What is claimed of the simple models of a recommender."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words


def _models(how: str, one: Found) -> Iterator[list[str]]:
    """Each model: on validation, on the test, with those who are new, what the chosen one has over it, and seconds."""
    found = one[how]
    for name, warm in found["warm"].items():
        tuned, over = found["tuned"].get(name), found["over"].get(name)
        yield [
            name,
            f"{tuned['value']:.4f} ({tuned['tried']})" if tuned else "",
            f"{warm['value']:.4f} ({warm['low']:.4f} … {warm['high']:.4f})",
            f"{found['all'][name]['value']:.4f}",
            f"{over['difference']:+.4f} ({over['low']:+.4f} … {over['high']:+.4f})" if over else "",
            f"{sum(found['seconds'][name].values()):.1f}" if tuned else "",
        ]


def timed(one: Found) -> Iterator[list[str]]:
    """Cut at a moment."""
    return _models("time", one)


def last(one: Found) -> Iterator[list[str]]:
    """Cut before each user's last like."""
    return _models("last", one)


_COLUMNS = (
    Words("model", "模型"),
    Words("validation (settings tried)", "验证集（尝试的设置数）"),
    Words("NDCG@10, users with likes before", "NDCG@10（此前有喜好的用户）"),
    Words("all users", "全部用户"),
    Words("the chosen one over it", "所选模型相对其增益"),
    Words("seconds", "秒"),
)
BASELINES = Claim(
    script="recommend.baselines",
    says=Words(
        "the simple models that a recommender must beat are tuned on the past alone, over a grid each",
        "推荐系统须超越的简单模型只凭过去调优，各有一张网格",
    ),
    against=Words(
        "figures known before: EASE with a ridge picked on the test, iALS on last items; cosines by implicit",
        "已知的参考值：在测试集上选岭参数的 EASE、最后一项上的 iALS；implicit 的余弦近邻",
    ),
    minutes=4,
    figures=(
        Figure(
            what=Words("EASE with ridge 500, cut in time", "岭参数 500 的 EASE，按时间切分"),
            at="reference/ease",
            goal=">= 0.1765",
        ),
        Figure(what=Words("iALS, last items", "iALS，最后一项"), at="reference/ials", goal=">= 0.05"),
        Figure(what=Words("EASE tuned on the past, cut in time", "以过去调优的 EASE，按时间切分"), at="time/warm/ease"),
        Figure(
            what=Words("popularity that fades, cut in time", "随时间衰减的热度，按时间切分"), at="time/warm/popularity"
        ),
        Figure(what=Words("EASE tuned on the past, last items", "以过去调优的 EASE，最后一项"), at="last/warm/ease"),
        Figure(what=Words("users, cut in time", "用户数，按时间切分"), at="time/users/warm"),
        Figure(
            what=Words("cosines apart from those of implicit, at most", "与 implicit 余弦的最大差距"),
            at="cosine/apart",
            goal="<= 0.00001",
        ),
        Figure(what=Words("seconds of our cosines", "本库余弦用时"), at="cosine/seconds/argosy", unit="s"),
        Figure(what=Words("of those of implicit", "implicit 用时"), at="cosine/seconds/implicit", unit="s"),
    ),
    measures=(
        "src/argosy/recommend/baselines",
        "src/argosy/recommend/protocol",
        "src/argosy/recommend/tuning.py",
        "benchmarks/recommend/cold.py",
    ),
    lists=(
        List(title=Words("Cut at one moment for everybody", "按同一时刻切分"), columns=_COLUMNS, rows=timed),
        List(title=Words("Each user's last like", "每位用户的最后一次喜好"), columns=_COLUMNS, rows=last),
    ),
)
