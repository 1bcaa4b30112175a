export const usage = `
sluice release MODEL VERSION --verdict FILE --train-run FILE --artifact FORMAT=FILE... [options]

Writes the release manifest and tags the commit MODEL@VERSION (annotated, GTO's grammar). Refuses without a pass verdict
about this very model: exit code 1 when it failed, 3 when it is inconclusive.

  --verdict FILE           what sluice gate decided (the whole document)
  --train-run FILE         the training run: tensors and data
  --artifact FORMAT=FILE   onnx=model.onnx; again for every artefact
  --evidence FILE          document that the verdict was reached from; again for every one
  --classes A,B            class names in order
  --size N                 image size (default 160)
  --channels RGB|BGR       order in which the model is fed (default RGB)
  --confidence N --iou N   thresholds as served (default 0.25, 0.7)
  --override-serving WHY   release although the verdict is about other settings than these; the manifest keeps WHY
  --nms METHOD             how overlapping boxes are thinned (default greedy)
  --max-det N              most boxes a picture (default 300)
  --commit REV             commit to tag (default HEAD)
  --date DATE              date of the tag, RFC 3339 (default now)
  --output FILE            the manifest (default MODEL-VERSION.json beside the verdict)
  --bundle FILE            one file with all of it, which sluice gate --replay computes again; needs --judging, and every
                           document that was judged as --evidence
  --judging FILE           what sluice gate --judging wrote beside the verdict`
