"""Has the confidence of the answers moved since the model was built? A reason to look, and no proof of anything.

python docs/examples/shift.py my-product
"""

import sys

import argosy
from argosy.evaluate.doubts.selective import shifted

model = argosy.load(sys.argv[1])
known = ["物流很快，包装也好", "broke after a day", "works as described"]  # like the validation rows: hundreds of them
recent = ["客服一直没有回复", "never again", "ok"]  # as they came in today
found = shifted(model.predict_proba(known).max(axis=1), model.predict_proba(recent).max(axis=1))
print(found.warn, found.sentence.format(p=found.p, distance=found.distance))
