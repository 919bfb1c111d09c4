"""What is claimed of a recommender's cost as its catalogue grows."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words


def steps(one: Found) -> Iterator[list[str]]:
    """Each step: the seconds of each size, then the peaks."""
    sizes = list(one["sizes"].values())
    for name in sizes[0]["steps"]:
        told = [found["steps"][name] for found in sizes]
        yield [name, *(f"{step['seconds']:,.1f}" for step in told), *(f"{step['peak']:,}" for step in told)]


def lists(one: Found) -> Iterator[list[str]]:
    """Each size: a list's milliseconds, and those of the nearest hundred texts by comparing all and by the graph."""
    for size, found in one["sizes"].items():
        graph = found["graph"]
        yield [
            f"{int(size):,}",
            f"{found['lists']['p50']:.1f}",
            f"{found['lists']['p99']:.1f}",
            f"{graph['all']:.1f}",
            f"{graph['graph']:.1f}",
            f"{100 * graph['found']:.1f}",
        ]


MILLION = Claim(
    script="recommend.million",
    says=Words(
        "a million items and ten million events are read, learnt from and ranked on one small machine",
        "一台小机器即可读入、学习并排序一百万物品、一千万事件",
    ),
    against=Words("itself with a tenth and a hundredth of the items", "与十分之一、百分之一的物品数相比"),
    minutes=20,
    figures=(
        Figure(
            what=Words("all steps, a million items", "全部步骤，一百万物品"),
            at="sizes/1000000/seconds",
            unit="s",
            goal="<= 1800",
        ),
        Figure(
            what=Words("peak of memory, a million items", "内存峰值，一百万物品"),
            at="sizes/1000000/peak",
            unit="MB",
            goal="<= 16000",
        ),
        Figure(
            what=Words("a list's p99, 100,000 items", "单个列表 p99，10 万物品"),
            at="sizes/100000/lists/p99",
            unit="ms",
            goal="<= 20",
        ),
        Figure(
            what=Words("a list's p99, a million items", "单个列表 p99，一百万物品"),
            at="sizes/1000000/lists/p99",
            unit="ms",
        ),
        Figure(what=Words("all steps, 100,000 items", "全部步骤，10 万物品"), at="sizes/100000/seconds", unit="s"),
        Figure(what=Words("peak of memory, 100,000 items", "内存峰值，10 万物品"), at="sizes/100000/peak", unit="MB"),
    ),
    measures=(
        "src/argosy/recommend/reading.py",
        "src/argosy/recommend/tidy.py",
        "src/argosy/recommend/interactions.py",
        "src/argosy/recommend/baselines",
        "src/argosy/recommend/ranking",
        "benchmarks/recommend/simulated.py",
    ),
    lists=(
        List(
            title=Words("Seconds, and peaks of memory in MB, of each step", "各步骤用时（秒）与内存峰值（MB）"),
            columns=(
                Words("step", "步骤"),
                Words("10,000 items", "1 万物品"),
                Words("100,000", "10 万"),
                Words("1,000,000", "100 万"),
                Words("peak 10,000", "峰值 1 万"),
                Words("peak 100,000", "峰值 10 万"),
                Words("peak 1,000,000", "峰值 100 万"),
            ),
            rows=steps,
        ),
        List(
            title=Words("Milliseconds of a list of ten, and of the nearest texts", "十项列表与最近文本的毫秒数"),
            columns=(
                Words("items", "物品"),
                Words("list, p50", "列表 p50"),
                Words("list, p99", "列表 p99"),
                Words("all compared", "全部比较"),
                Words("by a graph", "图索引"),
                Words("found by it, %", "图索引召回 %"),
            ),
            rows=lists,
        ),
    ),
)
