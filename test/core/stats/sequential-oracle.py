"""Wealth and bounds from the raw sequence, one observation after the other, on a fine grid of means: no counts, no bisection."""
import json
import sys

import numpy as np

logits = -6.5 + np.arange(33) * 11 / 32
stakes = 1 / (1 + np.exp(-logits))
grid = np.linspace(0.0005, 0.9995, 1999)


def wealth(sequence, limits):
    """Log of the mean capital at the end, for each limit."""
    limits = np.asarray(limits, dtype=float)
    capital = np.ones((len(limits), len(stakes)), dtype=np.longdouble if len(limits) == 1 else float)
    held = np.zeros(len(limits))
    for x in sequence:
        capital *= 1 - stakes + stakes * x / limits[:, None]
        scale = capital.max(axis=1)
        held += np.log(scale.astype(float))
        capital /= scale[:, None]
    return held + np.log(capital.mean(axis=1).astype(float))


answers = []
for case in json.load(sys.stdin):
    xs = np.asarray(case['sequence'], dtype=float)
    bar = np.log(1 / case['alpha'])
    answers.append({
        'above': float(wealth(xs, [case['limit']])[0]),
        'below': float(wealth(1 - xs, [1 - case['limit']])[0]),
        'low': float(grid[wealth(xs, grid) < bar].min()),
        'high': float(grid[wealth(1 - xs, 1 - grid) < bar].max()),
    })
json.dump(answers, sys.stdout)
