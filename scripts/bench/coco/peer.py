"""A COCO evaluator (argument 1: pycocotools, faster-coco-eval or hotcoco) on DIR/gt.json and DIR/dt.json (argument 2);
prints {stats, ms, importMs}, ms without start-up and imports."""
import contextlib, io, json, sys, time

started = time.perf_counter()
if sys.argv[1] == 'hotcoco':
    from hotcoco import COCO, COCOeval
elif sys.argv[1] == 'faster-coco-eval':
    from faster_coco_eval import COCO, COCOeval_faster as COCOeval
else:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
folder = sys.argv[2]
imported = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    truth = COCO(f'{folder}/gt.json')
    results = truth.load_res if sys.argv[1] == 'hotcoco' else truth.loadRes
    score = COCOeval(truth, results(f'{folder}/dt.json'), 'bbox')
    score.evaluate()
    score.accumulate()
    score.summarize()
ended = time.perf_counter()
stats = [float(value) for value in list(score.stats)[:12]]
print(json.dumps({'stats': stats, 'ms': 1000 * (ended - imported), 'importMs': 1000 * (imported - started)}))
