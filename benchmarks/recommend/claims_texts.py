"""What is claimed of a recommender's texts: for items that nobody touched yet, and beside events."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words

_NAMES = {"both at any weight": "both, texts at 0.2"}


def _systems(where: str, one: Found) -> Iterator[list[str]]:
    """Each system: NDCG@10 with its interval, and what the text model (or both together) has over it by user."""
    found = one[where]
    for name, told in found["ndcg"].items():
        over = found["over"].get(name)
        gain = f"{over['difference']:+.4f} ({over['low']:+.4f} … {over['high']:+.4f})" if over else ""
        yield [_NAMES.get(name, name), f"{told['value']:.4f} ({told['low']:.4f} … {told['high']:.4f})", gain]


def hidden(one: Found) -> Iterator[list[str]]:
    """Hidden items."""
    return _systems("cold", one)


def new(one: Found) -> Iterator[list[str]]:
    """Items that are new behind the moment."""
    return _systems("new", one)


def warm(one: Found) -> Iterator[list[str]]:
    """All items."""
    return _systems("warm", one)


_COLUMNS = (Words("system", "系统"), Words("NDCG@10", "NDCG@10"), Words("the text model over it", "文本模型相对其增益"))
_BOTH = (*_COLUMNS[:2], Words("both over it", "两者结合相对其增益"))
COLD = Claim(
    script="recommend.cold",
    says=Words(
        "films that nobody rated yet are ranked by their texts, better than by how alike texts are",
        "尚无人评分的影片可凭文本排序，优于仅看文本相似度",
    ),
    against=Words(
        "a random order; nearest neighbours by the untrained encoder, and by TF-IDF; for films with ratings, EASE",
        "随机顺序、未训练编码器近邻、TF-IDF 近邻；对已有评分的影片，对比 EASE",
    ),
    minutes=8,
    figures=(
        Figure(what=Words("NDCG@10 of hidden films", "隐藏影片的 NDCG@10"), at="cold/ndcg/text"),
        Figure(
            what=Words("over a random order, low end", "相对随机顺序，区间下端"),
            at="cold/over/random/low",
            goal=">= 0.0001",
        ),
        Figure(
            what=Words("over neighbours by TF-IDF, low end", "相对 TF-IDF 近邻，区间下端"),
            at="cold/over/tfidf/low",
            goal=">= 0.0001",
        ),
        Figure(
            what=Words("over neighbours by the encoder, low end", "相对编码器近邻，区间下端"),
            at="cold/over/neighbours/low",
            goal=">= 0.0001",
        ),
        Figure(what=Words("users judged on hidden films", "参与隐藏影片评测的用户数"), at="cold/judged"),
        Figure(what=Words("new films over a random order", "新影片相对随机顺序"), at="new/over/random"),
        Figure(what=Words("users judged on new films", "参与新影片评测的用户数"), at="new/judged"),
        Figure(what=Words("NDCG@10 of EASE, all films", "EASE 的 NDCG@10，全部影片"), at="warm/ndcg/ease"),
        Figure(what=Words("of texts alone", "仅用文本"), at="warm/ndcg/text"),
        Figure(
            what=Words(
                "both over EASE, the weight of texts chosen on the past", "两者结合相对 EASE（权重由过去数据选定）"
            ),
            at="warm/over/ease",
        ),
        Figure(what=Words("that weight", "该权重"), at="warm/weight"),
    ),
    measures=(
        "src/argosy/recommend/interest",
        "src/argosy/stages/recommend/interest.py",
        "src/argosy/stages/recommend/head.py",
        "src/argosy/train/interest.py",
        "src/argosy/train/objectives/interest.py",
    ),
    lists=(
        List(title=Words("Hidden films", "隐藏的影片"), columns=_COLUMNS, rows=hidden),
        List(title=Words("New films", "新影片"), columns=_COLUMNS, rows=new),
        List(title=Words("All films", "全部影片"), columns=_BOTH, rows=warm),
    ),
)
