"""Reads [{images: [{truth: [[class, x1, y1, x2, y2]], found: [[class, x1, y1, x2, y2, score]]}]}] from stdin, writes what
Ultralytics' own matching and ap_per_class say of each: hits by image and score, and the averages."""
import json, sys
from types import SimpleNamespace
import numpy as np, torch
from ultralytics.engine.validator import BaseValidator
from ultralytics.utils.metrics import ap_per_class, box_iou

judge = SimpleNamespace(iouv=torch.linspace(0.5, 0.95, 10))
answers = []
for case in json.load(sys.stdin):
    hits, scores, found_classes, true_classes = [], [], [], []
    for image in case['images']:
        truth = torch.tensor(image['truth'], dtype=torch.float64).reshape(-1, 5)
        found = sorted(image['found'], key=lambda row: -row[5])
        boxes = torch.tensor(found, dtype=torch.float64).reshape(-1, 6)
        if len(truth) and len(boxes):
            overlap = box_iou(truth[:, 1:], boxes[:, 1:5])
            hits.append(BaseValidator.match_predictions(judge, boxes[:, 0], truth[:, 0], overlap).numpy())
        else:
            hits.append(np.zeros((len(boxes), 10), dtype=bool))
        scores.append(boxes[:, 5].numpy())
        found_classes.append(boxes[:, 0].numpy())
        true_classes.append(truth[:, 0].numpy())
    hits = np.concatenate(hits)
    _, _, p, r, f1, ap, classes, *_ = ap_per_class(
        hits, np.concatenate(scores), np.concatenate(found_classes), np.concatenate(true_classes))
    answers.append({
        'hits': (hits * (1 << np.arange(10))).sum(1).tolist(),
        'classes': classes.tolist(), 'p': list(p), 'r': list(r), 'f1': list(f1),
        'ap50': ap[:, 0].tolist(), 'ap': ap.mean(1).tolist(),
    })
sys.stdout.write(json.dumps(answers))
