"""Probabilities as scikit-learn gives them, and answers that carry their label."""

import sys

import argosy

model = argosy.load(sys.argv[1])
texts = ["物流很快，包装也好", "broke after a day"]
for text, row in zip(texts, model.predict_proba(texts), strict=True):  # [texts, labels]
    print(text, dict(zip(model.labels, row.round(3).tolist(), strict=True)))
for prediction in model.classify(texts):
    print(prediction.label, prediction.probabilities[prediction.label])
