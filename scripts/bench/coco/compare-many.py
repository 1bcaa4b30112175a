"""hotcoco's compare of each folder in DIR; prints [{low, high}], the 95 % interval of the AP difference."""
import contextlib, io, json, os, sys
from hotcoco import COCO, COCOeval, compare

answers = []
folders = sorted((f for f in os.listdir(sys.argv[1])), key=int)
with contextlib.redirect_stdout(io.StringIO()):
    for number, folder in enumerate(folders):
        path = os.path.join(sys.argv[1], folder)
        truth = COCO(f'{path}/gt.json')
        evals = []
        for name in ('a.json', 'b.json'):
            score = COCOeval(truth, truth.load_res(f'{path}/{name}'), 'bbox')
            score.evaluate()
            evals.append(score)
        interval = compare(evals[0], evals[1], n_bootstrap=int(sys.argv[2]), seed=number, confidence=0.95)['ci']['AP']
        answers.append({'low': interval['lower'], 'high': interval['upper']})
print(json.dumps(answers))
