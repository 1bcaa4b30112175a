export const usage = `usage: sluice demo [--data DIR] [--output DIR] [--fresh] [--json FILE]

Tells the whole story: a data set pull request is refused, mended, trained, judged, merged, released, put under shadow
traffic and promoted; then writes a report. Stopped, it goes on where it was.

  --data DIR     your own data set (Ultralytics folder, COCO or Pascal VOC) instead of the embedded worksite world
  --output DIR   where the story lives (default .sluice/demo)
  --fresh        starts over
  --json FILE    the verdict of every step`
