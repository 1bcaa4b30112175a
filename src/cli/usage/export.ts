import { exportFormats } from '../choices.ts'

export const usage = `
usage: sluice export last.pt --output DIR [--data DIR] [options]

Writes artefacts. INT8 is calibrated on images of the data set's train split; validation and test images are refused.
openvino, tflite and engine need tools that set-up does not bring: without them the others are written, and the exit code
is 4.

  --formats LIST    of ${exportFormats.join(', ')} (the pipeline's)
  --pipeline FILE   an export pipeline (the one that ships with sluice)
  --image-size N    side of the square (the pipeline's that is given, else that of the training run whose train-run.json
                    lies beside the weights, else 160)
  --seed TEXT       draws the calibration images by this seed (else every k-th of the train split)
  --json FILE       format, path, sha256 and bytes of every artefact
`
