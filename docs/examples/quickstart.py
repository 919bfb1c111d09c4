"""Label texts with a built model, in three lines.

python docs/examples/quickstart.py my-product
"""

import sys

import argosy

model = argosy.load(sys.argv[1])
print(model.labels)
print(model.predict(["物流很快，包装也好", "broke after a day"]))
