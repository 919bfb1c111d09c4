"""What is claimed of the opinion monitor."""

from benchmarks.claim import Claim, Figure, Words

REPOSTS = Claim(
    script="opinion.reposts",
    says=Words(
        "reposts with edits become one story, and texts of the same frame do not, in both languages",
        "带改动的转发归为同一件事，同一模板的不同内容不会，中英文皆然",
    ),
    against=Words(
        "equal texts, equal normal forms, MinHash alone, Argosy's own near-duplicates of training rows",
        "原文相同、规范形式相同、单用 MinHash、Argosy 自己的训练数据近重判定",
    ),
    minutes=12,
    figures=(
        Figure(what=Words("recall of pairs, English", "英文成对召回率"), at="ours/en/recall", unit="%", goal=">= 0.97"),
        Figure(
            what=Words("precision of pairs, English", "英文成对精确率"),
            at="ours/en/precision",
            unit="%",
            goal=">= 0.97",
        ),
        Figure(what=Words("recall of pairs, Chinese", "中文成对召回率"), at="ours/zh/recall", unit="%", goal=">= 0.97"),
        Figure(
            what=Words("precision of pairs, Chinese", "中文成对精确率"),
            at="ours/zh/precision",
            unit="%",
            goal=">= 0.97",
        ),
        Figure(
            what=Words("MinHash at .5, precision, English", "MinHash（0.5）英文精确率"),
            at="peers/minhash_5/en/precision",
            unit="%",
        ),
        Figure(
            what=Words("MinHash at .5, recall, English", "MinHash（0.5）英文召回率"),
            at="peers/minhash_5/en/recall",
            unit="%",
        ),
        Figure(
            what=Words("near-duplicates at .8, precision, Chinese", "近重判定（0.8）中文精确率"),
            at="peers/near_8/zh/precision",
            unit="%",
        ),
        Figure(
            what=Words("near-duplicates at .8, recall, Chinese", "近重判定（0.8）中文召回率"),
            at="peers/near_8/zh/recall",
            unit="%",
        ),
        Figure(what=Words("alike reposts that meet", "相似转发相遇的比例"), at="meet/*", unit="%", goal=">= 0.99"),
        Figure(
            what=Words("stories of 100,000 posts of a bot", "10 万条机器人帖子归成几件事"),
            at="flood/*/stories",
            goal="<= 1",
        ),
        Figure(what=Words("in seconds of one core", "单核用时"), at="flood/*/seconds", unit="s"),
        Figure(what=Words("sketches a second and core", "单核每秒草图数"), at="per_second/*", goal=">= 3000"),
    ),
    measures=(
        "src/argosy/opinion/stories",
        "src/argosy/data/sketch.py",
        "src/argosy/data/near.py",
        "benchmarks/opinion/edits.py",
    ),
)
CLAIMS: tuple[Claim, ...] = (REPOSTS,)
