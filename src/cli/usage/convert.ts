export const usage = `
usage: sluice convert IN OUT --to yolo|coco [options]

  IN              a data set of any kind that sluice check reads
  OUT             a new folder
  --to FORMAT     yolo: images/, labels/, splits/, provenance.ndjson, data.yaml · coco: a JSON file a split
  --val SHARE     share of groups (scene, video, else image) for validation where IN has no splits (default 0.2)
  --test SHARE    the same for test (default 0)
  --source TEXT   where the images come from, for provenance that does not say
  --keep-defects  write boxes without area as they are
  --accept-loss   go on although something has no place in the new form (it is named)
  --json FILE     what was written and lost
`
