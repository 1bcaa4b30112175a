"""hotcoco's paired bootstrap of DIR/dt.json and DIR/dt2.json; prints {deltas, ms, resamples} of one resample more, so
that loading and matching are left out."""
import contextlib, io, json, sys, time
from hotcoco import COCO, COCOeval, compare

folder, few, many = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with contextlib.redirect_stdout(io.StringIO()):
    truth = COCO(f'{folder}/gt.json')
    evals = []
    for name in ('dt.json', 'dt2.json'):
        score = COCOeval(truth, truth.load_res(f'{folder}/{name}'), 'bbox')
        score.evaluate()
        evals.append(score)
    times = []
    for count in (few, many):
        started = time.perf_counter()
        result = compare(evals[0], evals[1], n_bootstrap=count, seed=1)
        times.append(time.perf_counter() - started)
print(json.dumps({'a': result['metrics_a'], 'b': result['metrics_b'],
                  'ms': 1000 * (times[1] - times[0]) / (many - few)}))
