"""What is claimed of judging rankers before and after their release."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words


def held(one: Found) -> Iterator[list[str]]:
    """Each setting: lists, effective lists, and how often each interval has the truth."""
    for name, found in one["before"].items():
        shares = [f"{100 * found['held'][kind]['value']:.1f}" for kind in ("ips", "snips", "clipped", "doubly", "gain")]
        yield [name, f"{found['lists']:,}", f"{found['effective']:,}", *shares]


def off(one: Found) -> Iterator[list[str]]:
    """Each setting: what both rankers truly earn, and how far off each figure is (root of the mean square)."""
    for name, found in one["before"].items():
        errors = [f"{found['off'][kind]:.4f}" for kind in ("same", "model", "ips", "snips", "clipped", "doubly")]
        yield [name, f"{found['true']['old']:.4f}", f"{found['true']['new']:.4f}", *errors]


def winners(one: Found) -> Iterator[list[str]]:
    """Each case: the share of experiments that have a winner, by Argosy and by a z-test of lists."""
    for name, found in one["after"].items():
        if isinstance(found, dict) and "by_lists" in found:
            yield [name, f"{100 * found['won']:.1f}", f"{100 * found['by_lists']:.1f}"]


_SETTING = Words("setting", "设定")
OFFPOLICY = Claim(
    script="recommend.offpolicy",
    says=Words(
        "a new ranker's worth is told before its release, with intervals that hold, and the better one wins after it",
        "新排序器上线前即可估出收益，且置信区间名副其实；上线后由更好的胜出",
    ),
    against=Words(
        "the clicks where the log happens to agree, a model of clicks alone, a z-test of lists looked at all the time",
        "日志恰好一致处的点击率、单用点击模型、反复查看的逐列表 z 检验",
    ),
    minutes=15,
    figures=(
        Figure(
            what=Words("intervals that hold, IPS", "IPS 区间覆盖率"),
            at="before/*/held/ips",
            unit="%",
            goal=">= 0.91",
        ),
        Figure(
            what=Words("intervals that hold, self-normalised", "自归一化区间覆盖率"),
            at="before/*/held/snips",
            unit="%",
            goal=">= 0.91",
        ),
        Figure(
            what=Words("intervals that hold, clipped", "截断区间覆盖率"),
            at="before/*/held/clipped",
            unit="%",
            goal=">= 0.91",
        ),
        Figure(
            what=Words("intervals that hold, doubly robust", "双重稳健区间覆盖率"),
            at="before/*/held/doubly",
            unit="%",
            goal=">= 0.91",
        ),
        Figure(
            what=Words("intervals that hold, gain", "增益区间覆盖率"), at="before/*/held/gain", unit="%", goal=">= 0.91"
        ),
        Figure(what=Words("error of doubly robust", "双重稳健误差"), at="before/*/off/doubly"),
        Figure(what=Words("error of the naive average", "朴素平均误差"), at="before/*/off/same"),
        Figure(
            what=Words(
                "too few lists, and answered once as many came as were asked for", "列表不足，补足所要数量后得到回答"
            ),
            at="asked/*/answered",
            unit="%",
            goal=">= 0.9",
        ),
        Figure(
            what=Words("false winners, looked at after every user", "假胜者，每个用户后都查看"),
            at="after/alike/won",
            unit="%",
            goal="<= 0.05",
        ),
        Figure(
            what=Words("false winners where users come more often", "用户来得更勤时的假胜者"),
            at="after/alike, coming twice as often/won",
            unit="%",
            goal="<= 0.05",
        ),
        Figure(
            what=Words("false winners of a z-test of lists", "逐列表 z 检验的假胜者"),
            at="after/alike/by_lists",
            unit="%",
        ),
        Figure(
            what=Words("the better one wins by the users told", "在预告的用户数内胜出"),
            at="after/better/won",
            unit="%",
            goal=">= 0.75",
        ),
        Figure(what=Words("users told", "预告的用户数"), at="after/users"),
    ),
    measures=(
        "src/argosy/recommend/judging",
        "src/argosy/project/recommending/comparing.py",
        "src/argosy/monitor/experiment.py",
        "benchmarks/recommend/simulated.py",
    ),
    lists=(
        List(
            title=Words("Of 100 intervals, those that hold what the new ranker earns", "每 100 个区间中覆盖真值的个数"),
            columns=(
                _SETTING,
                Words("lists", "列表"),
                Words("effective", "有效列表"),
                Words("IPS", "IPS"),
                Words("self-normalised", "自归一化"),
                Words("clipped", "截断"),
                Words("doubly robust", "双重稳健"),
                Words("gain", "增益"),
            ),
            rows=held,
        ),
        List(
            title=Words("How far off, in clicks per list", "误差（每个列表的点击数）"),
            columns=(
                _SETTING,
                Words("old ranker earns", "旧排序器"),
                Words("new ranker earns", "新排序器"),
                Words("where the log agrees", "日志一致处"),
                Words("model alone", "单用模型"),
                Words("IPS", "IPS"),
                Words("self-normalised", "自归一化"),
                Words("clipped", "截断"),
                Words("doubly robust", "双重稳健"),
            ),
            rows=off,
        ),
        List(
            title=Words("Of 100 experiments, those with a winner", "每 100 次实验中有胜者的次数"),
            columns=(_SETTING, Words("by user", "按用户"), Words("z-test of lists", "逐列表 z 检验")),
            rows=winners,
        ),
    ),
)
