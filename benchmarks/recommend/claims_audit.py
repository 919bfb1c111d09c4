"""What is claimed of careless tests of a recommender."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words


def models(one: Found) -> Iterator[list[str]]:
    """Each model by the honest cut, the random split, and one item at a time among 100 and among all."""
    for name, honest in one["honest"].items():
        yield [name, f"{honest:.3f}", *(f"{one[kind][name]:.3f}" for kind in ("random", "sampled", "full"))]


AUDIT = Claim(
    script="recommend.audit",
    says=Words(
        "a random split and sampled negatives claim more than an honest cut, and another order of the models",
        "随机切分与抽样负例比诚实切分声称得更多，模型的次序也不同",
    ),
    against=Words(
        "the same models and settings, cut at one moment, all items ranked",
        "同样的模型和设置，在同一时刻切分，对全部物品排序",
    ),
    minutes=2,
    figures=(
        Figure(what=Words("EASE, cut at one moment", "EASE，在同一时刻切分"), at="honest/ease"),
        Figure(what=Words("EASE, random split", "EASE，随机切分"), at="random/ease"),
        Figure(
            what=Words(
                "random split: test events before learnt ones of the user", "随机切分：早于该用户已学行为的测试行为"
            ),
            at="before",
            goal=">= 0.5",
        ),
        Figure(
            what=Words(
                "random split: test events before learnt ones of the item", "随机切分：早于该物品已学行为的测试行为"
            ),
            at="before_item",
        ),
    ),
    lists=(
        List(
            title=Words("NDCG@10 by test", "各种测试下的 NDCG@10"),
            columns=(
                Words("model", "模型"),
                Words("honest", "诚实切分"),
                Words("random split", "随机切分"),
                Words("one item among 100 drawn", "单件物品，抽样 100 个"),
                Words("one item among all", "单件物品，全部物品"),
            ),
            rows=models,
        ),
    ),
    measures=("src/argosy/recommend/protocol", "src/argosy/recommend/baselines", "src/argosy/recommend/tuning.py"),
)
