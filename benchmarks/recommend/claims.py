"""What is claimed of the recommender."""

from benchmarks.claim import Claim
from benchmarks.recommend.claims_judging import OFFPOLICY

CLAIMS: tuple[Claim, ...] = (OFFPOLICY,)
