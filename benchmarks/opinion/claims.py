"""What is claimed of the opinion monitor."""

from benchmarks.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
