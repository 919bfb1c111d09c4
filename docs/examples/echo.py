"""Test your own program without a model: an engine whose answer follows from the text alone."""

import argosy

engine = argosy.EchoEngine(labels=("negative", "positive"))
print(engine.classify(["this one is positive"])[0].label)
