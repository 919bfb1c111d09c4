"""The nouns every room shares: records, artifact, stage, protocols of engines, ledger, errors, the two languages;
standard library only.
"""
