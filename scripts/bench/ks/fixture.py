"""Reference values of scipy for the statistics of drift: python fixture.py > test/core/stats/scipy-values.json"""
import json
import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon

rng = np.random.default_rng(7)
out = {"scipy": __import__("scipy").__version__}


def samples():
    yield [1, 2, 3], [4, 5, 6]
    yield [1, 2, 3, 4], [3, 4, 5, 6]
    yield [0, 1, 3], [5, 6, 8]
    for n, m, shift in ((5, 7, 0), (12, 30, 0.5), (40, 40, 0.2), (31, 17, 1.5), (60, 90, 0.8)):
        yield rng.normal(0, 1, n).round(6).tolist(), rng.normal(shift, 1.2, m).round(6).tolist()
    for n, m in ((20, 30), (50, 80)):
        yield rng.integers(0, 5, n).tolist(), rng.integers(0, 6, m).tolist()


out["samples"] = []
for a, b in samples():
    ks = stats.ks_2samp(a, b, method="exact")
    out["samples"].append(
        {"a": a, "b": b, "d": ks.statistic, "p": ks.pvalue, "wasserstein": stats.wasserstein_distance(a, b)}
    )
out["kolmogorov"] = [
    {"n": n, "d": d, "p": float(stats.kstwo.sf(d, n))}
    for n in (1, 2, 5, 20, 100, 140, 141, 488, 2000, 50000, 100000, 500000)
    for d in sorted({z / n**0.5 for z in (0.25, 0.4, 0.6, 0.8, 1.0, 1.36, 1.5, 2.0, 2.6, 3.7)} | {0.5, 0.7})
    if d < 1
]
out["chiSquareTail"] = [
    {"x": x, "freedom": k, "p": float(stats.chi2.sf(x, k))}
    for k in (1, 2, 9, 80)
    for x in (0.01, 0.5, 3.84146, 5.0, 16.91898, 80.0, 150.0)
]
out["chiSquare"] = []
for a, b in (([50, 30, 20], [40, 40, 20]), ([10, 20], [20, 10]), ([100, 0, 50], [80, 40, 70])):
    r = stats.chi2_contingency([a, b], correction=False)
    out["chiSquare"].append({"a": a, "b": b, "statistic": r.statistic, "freedom": int(r.dof), "p": r.pvalue})
out["js"] = [
    {"a": a, "b": b, "distance": float(jensenshannon(a, b, base=2))}
    for a, b in (([0.5, 0.3, 0.2], [0.4, 0.4, 0.2]), ([9, 0, 1], [1, 5, 4]), ([1, 0], [0, 1]))
]
p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
shuffled = rng.permutation(p).tolist()
out["bh"] = {"p": shuffled, "adjusted": stats.false_discovery_control(shuffled, method="bh").tolist()}
print(json.dumps(out))
