"""What is claimed of the recommender."""

from benchmarks.claim import Claim
from benchmarks.recommend.claims_audit import AUDIT
from benchmarks.recommend.claims_baselines import BASELINES
from benchmarks.recommend.claims_judging import OFFPOLICY
from benchmarks.recommend.claims_latency import LATENCY
from benchmarks.recommend.claims_million import MILLION
from benchmarks.recommend.claims_system import SYSTEM
from benchmarks.recommend.claims_texts import COLD

CLAIMS: tuple[Claim, ...] = (BASELINES, AUDIT, OFFPOLICY, MILLION, LATENCY, COLD, SYSTEM)
