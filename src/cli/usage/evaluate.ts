export const usage = `sluice evaluate --truth GT.json --predictions DT.json [options]
sluice evaluate --model M.onnx --data DIR [options]

Scores detections against COCO ground truth: COCO's twelve numbers and Ultralytics' own, which differ by definition
and must never be mixed.

  --truth FILE        COCO instances JSON
  --predictions FILE  COCO results JSON: [{image_id, category_id, bbox, score}]
  --model FILE        an ONNX model instead, run over --data DIR
  --metrics NAME      coco (the twelve numbers alone, in the least time) or ultralytics; all by default;
                      for COCO files without --evidence
  --provider NAME     what runs the model: cpu (default), cuda or tensorrt; one that is not here is an error
  --json FILE         the numbers: coco and ultralytics
  --arrays FILE       what COCO's numbers are means of: precision, recall and scores by IoU, recall level, category and
                      area, flat, in the order of pycocotools' eval; for COCO files
  --evidence FILE     the whole document, for gates and compare; its predictions lie beside it
  --hard FILE         what it gets wrong by likely cause, as a queue of images to look at
  --html FILE         the same as a page with pictures
  --images DIR        where the pictures of --truth lie, when not beside it`
