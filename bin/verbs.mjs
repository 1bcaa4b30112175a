/** Every verb with one line on what it does, in the order of --help; [verb, summary, example]. */
export const verbs = [
  ['demo', 'the whole story on the worksite world, or on your own data', 'sluice demo --data my/dataset'],
  ['doctor', 'check the tools on this machine', 'sluice doctor'],
  ['check', 'check a data set; with --base only new findings block', 'sluice check data/worksite --json findings.json'],
  ['diff', 'label-level difference of two data sets', 'sluice diff old/ new/ --json diff.json'],
  ['merge', 'three-way merge of a data set, box by box', 'sluice merge base/ ours/ theirs/ --output merged/'],
  ['synth', 'draw the worksite world, with defects on request', 'sluice synth out/ --images 200 --seed 1'],
  ['convert', 'write a data set in another format', 'sluice convert voc/ out/ --to yolo'],
  ['lint', 'lint a training pipeline', 'sluice lint pipelines/champion.yaml'],
  [
    'train',
    'run a pipeline through its trainer',
    'sluice train pipelines/champion.yaml --data data/worksite --output run/',
  ],
  [
    'evaluate',
    'score a model, or predictions against COCO ground truth',
    'sluice evaluate --truth gt.json --predictions dt.json',
  ],
  ['compare', 'paired comparison of two evaluations', 'sluice compare champion.json candidate.json'],
  ['bench', 'latency of two models, interleaved', 'sluice bench champion.onnx candidate.onnx --images data/val'],
  ['export', 'export weights to ONNX, FP16 and INT8', 'sluice export best.pt --output artifacts/'],
  [
    'parity',
    'a deployed artefact against the trained model',
    'sluice parity model.onnx int8.onnx --data data/worksite',
  ],
  ['gate', 'verdict of a policy over evidence', 'sluice gate gates/model.yaml --evidence run/'],
  ['gates', 'plant known defects and see which a policy catches', 'sluice gates doctor data/worksite'],
  [
    'release',
    'write a manifest and tag it',
    'sluice release worksite v1.1.0 --verdict verdict.json --train-run run/train-run.json --artifact onnx=run/model.onnx',
  ],
  [
    'promote',
    'change a channel to another release, on a branch',
    'sluice promote production --manifest releases/v1.1.0.json',
  ],
  ['rollout', 'shadow, canary, promote or roll back', 'sluice rollout production --server http://127.0.0.1:8000'],
  [
    'serve',
    'Open Inference Protocol server with champion and challenger',
    'sluice serve --champion a.onnx --challenger b.onnx',
  ],
  ['report', 'render a story folder as one page', 'sluice report .sluice/demo'],
]
