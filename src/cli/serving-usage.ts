import { suppressions } from '../core/detect/suppression.ts'

/** The options of every command that runs a model. */
export const servingUsage = `  --image-size N   side of the square that the model sees (the model's own when it names one)
  --conf C         boxes above this confidence
  --served-conf C  confidence of the boxes that will be served, part of what evidence is about (0.25, or --conf above it)
  --iou I          suppression limit, default 0.7
  --max-det N      most boxes a picture, default 300
  --nms METHOD     how overlapping boxes are thinned: ${suppressions.join(', ')}
  --threads N      threads of ONNX Runtime, default 1`
