export const usage = `
  sluice merge BASE OURS THEIRS --output DIR [options]

  BASE, OURS, THEIRS   versions of a data set: folders, data.yaml, COCO JSON, dataset specs, or git revisions as
                       REV:PATH, of which labels are fetched and images are not
  --data PATH          the data set, where a version is a revision alone
  --output DIR         a folder that does not exist yet; the merged data set, in the repository's layout
  --prefer SIDE        ours or theirs wins every conflict (they are listed all the same)
  --allow-loss         merge without what cannot be held: polygons, rows that no reader takes
  --json FILE          verdict, counts and conflicts
  --evidence FILE      the whole DatasetMerge document

  sluice merge --install            git merges label files, lists, provenance.ndjson and .dvc files by sluice
  sluice merge --driver O A B PATH  what git calls then

exit codes: 0 merged · 1 conflicts, nothing is written · 2 wrong use or bad input`
