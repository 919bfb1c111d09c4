"""What is claimed of the mining of a market."""

from benchmarks.claim import Claim, Figure, Words

MINING = (
    "anchors",
    "clauses",
    "mining",
    "mixture",
    "naming",
    "needs",
    "opportunity",
    "segments",
    "sentiment",
    "vocabulary",
)
"""The modules that the figures hang on; what is made of them is not measured here."""

MARKET = Claim(
    script="venture.market",
    says=Words(
        "what is planted in a market's texts is found: needs, feelings by brand with honest intervals, segments",
        "埋在市场文本里的内容都能找到：需求、各品牌的情感（置信区间可信）、细分市场",
    ),
    against=Words(
        "each text's own rating taken for all needs that it speaks of, with Student's interval",
        "把每条文本自己的评分当作它提到的所有需求的评分，用 Student 区间",
    ),
    minutes=4,
    figures=(
        Figure(
            what=Words("needs by an encoder: precision of voices", "用编码器找需求：文本的精确率"),
            at="needs/encoder/precision",
            goal=">= 0.8",
        ),
        Figure(
            what=Words("needs by an encoder: recall of voices", "用编码器找需求：文本的召回率"),
            at="needs/encoder/recall",
        ),
        Figure(
            what=Words("needs by words alone: precision of voices", "只凭词语找需求：文本的精确率"),
            at="needs/words/precision",
        ),
        Figure(
            what=Words("needs by words alone: recall of voices", "只凭词语找需求：文本的召回率"),
            at="needs/words/recall",
        ),
        Figure(
            what=Words("95 % intervals of a brand's need that hold the truth", "各品牌需求的 95% 区间包含真值的比例"),
            at="felt/ours/coverage",
            of="felt/ours/intervals",
            goal=">= 0.9",
        ),
        Figure(
            what=Words("the same by texts' own ratings", "同上，用文本自己的评分"),
            at="felt/rating/coverage",
            of="felt/rating/intervals",
        ),
        Figure(
            what=Words("three kinds of customers told as three", "三类客户被分为三类"),
            at="segments/three_told",
            of="segments/corpora",
            goal=">= 0.8",
        ),
        Figure(
            what=Words("one kind told as none", "只有一类客户时不分"),
            at="segments/none_told",
            of="segments/corpora",
            goal=">= 0.9",
        ),
        Figure(
            what=Words(
                "95 % intervals of segments' sizes that hold the truth", "细分市场规模的 95% 区间包含真值的比例"
            ),
            at="segments/size_coverage",
        ),
        Figure(
            what=Words("praise or blame of real Chinese reviews told right", "真实中文评论褒贬判断正确的比例"),
            at="real/right",
        ),
        Figure(
            what=Words("seconds to mine 100,000 rows by words", "只凭词语挖掘 10 万行的秒数"),
            at="rows/mining_seconds",
            unit="s",
        ),
        Figure(
            what=Words("seconds for segments of 100,000 rows", "10 万行划分细分市场的秒数"),
            at="rows/segments_seconds",
            unit="s",
        ),
    ),
    measures=tuple(f"src/argosy/venture/market/{name}.py" for name in MINING),
)
