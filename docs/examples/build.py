"""Build a project from Python; what stands is not built again.

python docs/examples/build.py my-product
"""

import sys
from pathlib import Path

import argosy

folder = Path(sys.argv[1])
try:
    project = argosy.load_project(folder)
    argosy.build(project, folder, lambda news: print(news.stage, news.share))
except argosy.ArgosyError as error:
    sys.exit(str(error))
results = argosy.results(folder)
print(results["choice"]["engine"], results["metrics"]["accuracy"])
