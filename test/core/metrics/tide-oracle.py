"""Writes tide-values.json: random small cases and what the published TIDE tool (tidecv 1.0.1) says of them.

Run by hand where tidecv is installed: python tide-oracle.py > tide-values.json
"""
import json
import random
import sys

from tidecv import TIDE, Data

CASES = 60
KINDS = ["Cls", "Loc", "Both", "Dupe", "Bkg", "Miss"]


def box(rng):
    return [rng.randrange(0, 300), rng.randrange(0, 200), rng.randrange(8, 120), rng.randrange(8, 120)]


def near(rng, of):
    reach = rng.choice([2, 10, 40])
    x, y, w, h = (v + rng.randrange(-reach, reach + 1) for v in of)
    return [x, y, max(4, w), max(4, h)]


def case(seed):
    rng = random.Random(seed)
    classes = rng.randrange(1, 5)
    images = rng.randrange(1, 9)
    steps = rng.choice([5, 1000])
    truth = [
        [rng.randrange(images), rng.randrange(classes), *box(rng), 1 if rng.random() < 0.08 else 0]
        for _ in range(rng.randrange(1, 40))
    ]
    found = []
    for _ in range(rng.randrange(1, 90)):
        source = rng.choice(truth)
        where = near(rng, source[2:6]) if rng.random() < 0.75 else box(rng)
        kind = source[1] if rng.random() < 0.8 else rng.randrange(classes)
        image = source[0] if rng.random() < 0.9 else rng.randrange(images)
        found.append([image, kind, *where, round(rng.randrange(1, steps) / steps, 4)])
    return {"images": images, "classes": classes, "truth": truth, "found": found}


def answer(made):
    gt, dt = Data("gt"), Data("dt")
    for image in range(made["images"]):
        gt.add_image(image, str(image))
        dt.add_image(image, str(image))
    for image, kind, x, y, w, h, crowd in made["truth"]:
        add = gt.add_ignore_region if crowd else gt.add_ground_truth
        add(image, kind, [x, y, w, h])
    for image, kind, x, y, w, h, score in made["found"]:
        dt.add_detection(image, kind, score, [x, y, w, h])
    tide = TIDE()
    run = tide.evaluate(gt, dt, mode=TIDE.BOX)
    main = {error.short_name: value for error, value in run.fix_main_errors().items()}
    special = {error.short_name: value for error, value in run.fix_special_errors().items()}
    counts = {error.short_name: value for error, value in run.count_errors().items()}
    return {
        "ap": run.ap,
        "counts": [counts[kind] for kind in KINDS],
        "loss": [main[kind] for kind in KINDS],
        "special": [special["FalsePos"], special["FalseNeg"]],
    }


json.dump([{**made, **answer(made)} for made in map(case, range(CASES))], sys.stdout, separators=(",", ":"))
