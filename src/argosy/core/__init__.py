"""The nouns every room shares: records, artifact, stage, engines, ledger, errors, languages; standard library only."""
