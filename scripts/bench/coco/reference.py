"""pycocotools on DIR/gt.json and DIR/dt.json; prints {stats, ms}, ms without start-up and imports."""
import contextlib, io, json, sys, time
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

folder = sys.argv[1]
started = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    truth = COCO(f'{folder}/gt.json')
    score = COCOeval(truth, truth.loadRes(f'{folder}/dt.json'), 'bbox')
    score.evaluate()
    score.accumulate()
    score.summarize()
print(json.dumps({'stats': [float(value) for value in score.stats], 'ms': 1000 * (time.perf_counter() - started)}))
