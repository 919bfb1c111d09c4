"""Where the texts that benchmarks read come from."""
