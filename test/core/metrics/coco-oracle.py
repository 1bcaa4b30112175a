"""Reads [{gt, dt}] from stdin and writes what pycocotools says of each: stats, precision, recall."""
import contextlib, io, json, sys
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

answers = []
for case in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = case['gt']
        truth.createIndex()
        if case['dt']:
            found = truth.loadRes(case['dt'])
        else:
            found = COCO()
            found.dataset = {**case['gt'], 'annotations': []}
            found.createIndex()
        score = COCOeval(truth, found, 'bbox')
        score.evaluate()
        score.accumulate()
        score.summarize()
    precision = score.eval['precision'][:, :, :, :, 2]
    answers.append({
        'stats': [float(value) for value in score.stats],
        'precision': precision.ravel().tolist(),
        'recall': score.eval['recall'].ravel().tolist(),
        'catIds': [int(value) for value in score.params.catIds],
    })
sys.stdout.write(json.dumps(answers))
