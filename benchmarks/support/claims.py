"""What is claimed of the support assistant."""

from benchmarks.claim import Claim, Figure, Words

INTENTS = Claim(
    script="support.intents",
    data="banking77",
    says=Words(
        "questions are told by their intent, and those of no intent from the others, on Banking77",
        "在 Banking77 上识别问题的意图，并识别不属于任何意图的问题",
    ),
    against=Words(
        "a linear model of character n-grams, the encoder as it comes; the largest probability",
        "字符 n-gram 线性模型、未训练的编码器；最大概率",
    ),
    minutes=45,
    figures=(
        Figure(what=Words("accuracy", "准确率"), at="ours", unit="%", goal=">= 0.935"),
        Figure(what=Words("of the linear model", "线性模型的准确率"), at="linear", unit="%"),
        Figure(what=Words("over the encoder as it comes", "未训练编码器的准确率"), at="frozen", unit="%"),
        Figure(what=Words("a question, median", "每个问题，中位数"), at="ms/p50", unit="ms", goal="<= 10"),
        Figure(what=Words("slowest in a hundred", "最慢的百分之一"), at="ms/p99", unit="ms"),
        Figure(
            what=Words("out-of-scope AUROC, three draws of intents", "范围外 AUROC，三次抽取意图的均值"),
            at="auroc",
            goal=">= 0.96",
        ),
        Figure(what=Words("AUROC of the largest probability", "最大概率的 AUROC"), at="auroc_softmax"),
        Figure(what=Words("questions of one intent left whole", "单一意图问题未被切分的比例"), at="whole", unit="%"),
        Figure(
            what=Words("Chinese phrases not learnt from, 168, synthetic", "未学过的中文说法，168 条，合成"),
            at="chinese/ours",
            unit="%",
        ),
    ),
    measures=(
        "src/argosy/assist/understanding",
        "src/argosy/stages/support/intents.py",
        "src/argosy/train/objectives/centre.py",
    ),
)
RETRIEVAL = Claim(
    script="support.retrieval",
    data="banking77",
    says=Words(
        "words and vectors together put the right answer higher than either alone, on Banking77",
        "在 Banking77 上，词与向量合用比单用任一者更能把正确回答排在前面",
    ),
    against=Words("BM25 alone, the nearest vector alone", "单用 BM25、单用最近向量"),
    minutes=5,
    figures=(
        Figure(what=Words("right at the first place, fused", "融合后首位命中率"), at="by/fused/hit_1", unit="%"),
        Figure(what=Words("BM25 alone", "单用 BM25"), at="by/words/hit_1", unit="%"),
        Figure(what=Words("the nearest vector alone", "单用最近向量"), at="by/vectors/hit_1", unit="%"),
        Figure(what=Words("gained over BM25", "比 BM25 提高"), at="gained", unit="points", goal=">= 0"),
        Figure(what=Words("among the first five, fused", "融合后前五命中率"), at="by/fused/hit_5", unit="%"),
        Figure(what=Words("mean of 1 / rank, fused", "融合后 MRR"), at="by/fused/mrr"),
        Figure(
            what=Words("right at the first place, fused, synthetic Chinese", "融合后首位命中率（合成中文）"),
            at="zh/by/fused/hit_1",
            unit="%",
        ),
        Figure(
            what=Words("slowest in a hundred, 10,000 keys", "最慢的百分之一，1 万个问法"),
            at="ms/10000/question/p99",
            unit="ms",
            goal="<= 150",
        ),
        Figure(
            what=Words("slowest in a hundred, 100,000 keys", "最慢的百分之一，10 万个问法"),
            at="ms/100000/question/p99",
            unit="ms",
            goal="<= 150",
        ),
    ),
    measures=("src/argosy/assist/retrieval",),
)
GUARANTEE = Claim(
    script="support.guarantee",
    data="banking77",
    says=Words(
        "the promised rate of wrong answers is kept while questions without an answer go from 3 % to 20 %",
        "无答案问题由 3% 增至 20% 时，答错率仍不超过承诺",
    ),
    against=Words(
        "a threshold certified at the same rate with 3 % of such questions", "在 3% 无答案问题时以同一错误率认证的阈值"
    ),
    minutes=5,
    figures=(
        Figure(
            what=Words("replays that kept to 5 % wrong answers", "答错率不超过 5% 的重放"),
            at="ours/kept",
            unit="%",
            goal=">= 0.95",
        ),
        Figure(what=Words("of the certified threshold", "认证阈值的该比例"), at="naive/kept", unit="%"),
        Figure(
            what=Words("where validation knew other intents without an answer", "验证集中无答案意图与实际不同时"),
            at="unseen/kept",
            unit="%",
        ),
        Figure(what=Words("wrong answers, mean", "平均答错率"), at="ours/error", unit="%"),
        Figure(what=Words("of the certified threshold", "认证阈值的平均答错率"), at="naive/error", unit="%"),
        Figure(what=Words("questions answered", "回答的问题"), at="ours/coverage", unit="%"),
        Figure(what=Words("by the certified threshold", "认证阈值回答的问题"), at="naive/coverage", unit="%"),
    ),
    measures=("src/argosy/assist/guarantee", "benchmarks/support/banking.py"),
)
CONSISTENCY = Claim(
    script="support.consistency",
    data="banking77",
    says=Words(
        "a question in other words gets no other answer, and every composed sentence is cited",
        "换一种说法，答案不变；组合答案的每一句都有出处",
    ),
    against=Words(
        "its rewordings by seeded rules; five people's own questions", "按固定规则改写的问法；五位用户各自的问法"
    ),
    minutes=5,
    figures=(
        Figure(
            what=Words("groups of rewordings with one answer, English", "改写组答案一致，英文"),
            at="en/reworded/consistent",
            unit="%",
            goal=">= 0.95",
        ),
        Figure(
            what=Words("Chinese (synthetic)", "中文（合成数据）"),
            at="zh/reworded/consistent",
            unit="%",
            goal=">= 0.95",
        ),
        Figure(
            what=Words("no answer counted as another answer, English", "不回答也算另一种答案，英文"),
            at="en/reworded/strict",
            unit="%",
        ),
        Figure(what=Words("the same, Chinese", "同上，中文"), at="zh/reworded/strict", unit="%"),
        Figure(
            what=Words("groups of people's own questions, English", "用户各自问法的组，英文"),
            at="en/own/consistent",
            unit="%",
        ),
        Figure(
            what=Words("composed answers covered by their citations", "组合答案被出处覆盖"),
            at="covered/*/covered",
            unit="%",
            goal=">= 1",
        ),
    ),
    measures=("src/argosy/assist/answering", "benchmarks/support/banking.py", "benchmarks/support/rewordings.py"),
)
RANKING = Claim(
    script="support.ranking",
    data="banking77",
    says=Words(
        "an encoder that learnt from an assistant's own pairs puts the right answer higher, within minutes",
        "用助手自己的问答对训练几分钟后，编码器能把正确回答排得更前",
    ),
    against=Words(
        "BM25, the encoder as it comes; Chinese questions are synthetic", "BM25、未训练的编码器；中文问题为合成数据"
    ),
    minutes=15,
    figures=(
        Figure(
            what=Words("MRR gained over the encoder as it comes", "比未训练编码器提高的 MRR"), at="runs/en/encoder/gain"
        ),
        Figure(what=Words("MRR, trained", "训练后 MRR"), at="runs/en/encoder/figures/trained/mrr"),
        Figure(what=Words("as it comes", "未训练 MRR"), at="runs/en/encoder/figures/untrained/mrr"),
        Figure(what=Words("BM25", "BM25 的 MRR"), at="runs/en/words/mrr"),
        Figure(what=Words("MRR gained by reading again", "重排后再提高的 MRR"), at="runs/en/reranker/gain"),
        Figure(
            what=Words("encoder and reranker of 10,000 questions, English", "1 万个英文问题训练编码器与重排器"),
            at="runs/en/seconds_for_10000",
            unit="s",
            goal="<= 480",
        ),
        Figure(
            what=Words("the same, Chinese", "1 万个中文问题"),
            at="runs/zh/seconds_for_10000",
            unit="s",
            stretch="<= 480",
        ),
        Figure(
            what=Words("ten texts of 30 tokens read again", "重排 10 段 30 词元的文本"),
            at="runs/en/rerank_ms/median",
            unit="ms",
            goal="<= 40",
        ),
    ),
    measures=(
        "src/argosy/stages/support/encoder.py",
        "src/argosy/stages/support/reranker.py",
        "src/argosy/stages/support/pairs.py",
        "src/argosy/train/objectives/embed.py",
        "src/argosy/infer/engines/cross.py",
    ),
)
MINING = Claim(
    script="support.mining",
    data="banking77",
    says=Words(
        "answers are mined from dialogues, and those that a newer one contradicts are found (synthetic dialogues)",
        "从对话中挖掘回答，并找出与新回答矛盾的旧回答（合成对话）",
    ),
    against=Words(
        "what was planted; English questions of Banking77, Chinese ones composed, 10,000 each",
        "与预埋的结果比较；英文问题取自 Banking77，中文问题为合成，各 1 万条",
    ),
    minutes=2,
    figures=(
        Figure(
            what=Words("pairs that are right, the worse", "问答对准确率，较差者"),
            at="largest/*/precision",
            unit="%",
            goal=">= 0.95",
        ),
        Figure(
            what=Words("questions that have a pair, the worse", "问题覆盖率，较差者"),
            at="largest/*/recall",
            unit="%",
            goal=">= 0.95",
        ),
        Figure(
            what=Words("pairs stored with their intent, the worse", "聚类纯度，较差者"),
            at="largest/*/purity",
            unit="%",
            goal=">= 0.95",
        ),
        Figure(
            what=Words("changed or dated answers taken out, the worse", "过时回答被剔除的比例，较差者"),
            at="largest/*/over_found",
            unit="%",
            goal=">= 0.9",
        ),
        Figure(
            what=Words("intents whose answer was taken out by mistake, the worse", "误剔除的意图，较差者"),
            at="largest/*/lost",
            unit="%",
            goal="<= 0",
        ),
        Figure(
            what=Words("seconds for 10,000 pairs, the slower", "1 万对所需秒数，较慢者"),
            at="largest/*/seconds",
            unit="s",
            goal="<= 60",
        ),
    ),
    measures=("src/argosy/assist/mining", "benchmarks/support/dialogues.py", "benchmarks/support/shop.py"),
)
ASSISTANT = Claim(
    script="support.assistant",
    data="banking77",
    says=Words(
        "raw dialogues become an assistant that answers over HTTP in minutes, on two cores",
        "在两个核上，原始对话几分钟就成为可经 HTTP 回答的助手",
    ),
    against=Words("BM25 over the same entries", "同样条目上的 BM25"),
    minutes=30,
    figures=(
        Figure(
            what=Words("from 10,000 questions to the first answer, English", "从 1 万个问题到首次回答，英文"),
            at="en/ready_minutes",
            unit="min",
            goal="<= 15",
        ),
        Figure(
            what=Words("from 2,000 questions, Chinese (synthetic)", "从 2 千个问题，中文（合成数据）"),
            at="zh/ready_minutes",
            unit="min",
        ),
        Figure(
            what=Words("slowest answer of a hundred over HTTP, English", "HTTP 上百次中最慢的回答，英文"),
            at="en/http/p99_ms",
            unit="ms",
            goal="<= 150",
        ),
        Figure(what=Words("Chinese", "中文"), at="zh/http/p99_ms", unit="ms", goal="<= 150"),
        Figure(what=Words("right at the first place, English", "首位命中率，英文"), at="en/metrics/hit@1", unit="%"),
        Figure(what=Words("Chinese", "中文"), at="zh/metrics/hit@1", unit="%"),
        Figure(
            what=Words("gained over BM25 in MRR, English", "MRR 比 BM25 提高，英文"),
            at="en/versus_best_baseline",
            unit="points",
            goal=">= 0",
        ),
        Figure(what=Words("Chinese", "中文"), at="zh/versus_best_baseline", unit="points", goal=">= 0"),
        Figure(what=Words("answered by itself, English", "自行回答的比例，英文"), at="en/guarantee/answered", unit="%"),
        Figure(what=Words("Chinese", "中文"), at="zh/guarantee/answered", unit="%"),
        Figure(
            what=Words("of these wrong, English (5 % promised)", "其中答错，英文（承诺 5%）"),
            at="en/guarantee/wrong",
            unit="%",
            goal="<= 0.05",
        ),
        Figure(what=Words("Chinese", "中文"), at="zh/guarantee/wrong", unit="%", goal="<= 0.05"),
    ),
    measures=(
        "src/argosy/assist",
        "src/argosy/stages/support",
        "benchmarks/support/dialogues.py",
        "benchmarks/support/shop.py",
    ),
)
CLAIMS: tuple[Claim, ...] = (
    INTENTS,
    RETRIEVAL,
    GUARANTEE,
    CONSISTENCY,
    RANKING,
    MINING,
    ASSISTANT,
)
