"""What is claimed of the venture."""

from benchmarks.claim import Claim
from benchmarks.venture.claims_compute import COMPUTE
from benchmarks.venture.claims_example import EXAMPLE
from benchmarks.venture.claims_golden import GOLDEN
from benchmarks.venture.claims_market import MARKET

CLAIMS: tuple[Claim, ...] = (GOLDEN, EXAMPLE, COMPUTE, MARKET)
