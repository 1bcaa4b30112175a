"""Reads [{gt, dt}] from stdin and writes what pycocotools says of each: stats, precision, recall, scores."""
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
    answers.append({
        'stats': [float(value) for value in score.stats],
        # With 1, 10 and 100 detections of an image and class.
        'precision': [score.eval['precision'][..., limit].ravel().tolist() for limit in range(3)],
        'recall': score.eval['recall'].ravel().tolist(),
        'scores': score.eval['scores'][..., 2].ravel().tolist(),
        'catIds': [int(value) for value in score.params.catIds],
    })
sys.stdout.write(json.dumps(answers))
