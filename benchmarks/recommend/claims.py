"""What is claimed of the recommender."""

from benchmarks.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
