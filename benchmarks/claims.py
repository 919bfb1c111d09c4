"""Every claim, in the order of the pages: declared once, beside the scripts that measure it."""

from collections.abc import Mapping

from benchmarks.claim import Claim, Words
from benchmarks.compression import claims as compression
from benchmarks.data import claims as data
from benchmarks.evaluation import claims as evaluation
from benchmarks.inference import claims as inference
from benchmarks.opinion import claims as opinion
from benchmarks.project import claims as project
from benchmarks.recommend import claims as recommend
from benchmarks.selling import claims as selling
from benchmarks.serving import claims as serving
from benchmarks.support import claims as support
from benchmarks.training import claims as training
from benchmarks.venture import claims as venture
from benchmarks.watching import claims as watching

ROOMS: Mapping[Words, tuple[Claim, ...]] = {
    Words("Answers", "回答"): inference.CLAIMS,
    Words("Serving", "服务"): serving.CLAIMS,
    Words("Selling", "收费"): selling.CLAIMS,
    Words("Watching", "监测"): watching.CLAIMS,
    Words("The support assistant", "客服助手"): support.CLAIMS,
    Words("The opinion monitor", "舆情监测"): opinion.CLAIMS,
    Words("The recommender", "推荐系统"): recommend.CLAIMS,
    Words("The venture", "创业"): venture.CLAIMS,
    Words("Training", "训练"): training.CLAIMS,
    Words("Smaller models", "更小的模型"): compression.CLAIMS,
    Words("Rows", "数据"): data.CLAIMS,
    Words("What is said of models", "对模型的说法"): evaluation.CLAIMS,
    Words("The whole", "整体"): project.CLAIMS,
}
CLAIMS: Mapping[str, Claim] = {claim.name: claim for claims in ROOMS.values() for claim in claims}
