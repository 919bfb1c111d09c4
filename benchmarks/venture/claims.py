"""What is claimed of the venture."""

from benchmarks.claim import Claim
from benchmarks.venture.claims_example import EXAMPLE
from benchmarks.venture.claims_golden import GOLDEN

CLAIMS: tuple[Claim, ...] = (GOLDEN, EXAMPLE)
