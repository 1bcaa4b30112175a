export const usage = `
  sluice drift BASE HEAD [options]

Compares the images that HEAD adds with all of BASE, and images with other labels with their former labels: class mix
and shares, boxes an image, size, aspect and place of boxes, size of images. An effect that is large and sure is drift;
large and not sure is open, with the number of images that would settle it. Drift is told, it does not fail.

  BASE, HEAD        two versions of a data set: folders (or data.yaml, COCO JSON, dataset specs), or git revisions as
                    REV:PATH
  --data PATH       the data set, where BASE or HEAD is a revision alone
  --pictures        read pictures too (added ones and a sample of the base; of revisions these are fetched): brightness,
                    contrast, saturation, sharpness
  --spec FILE       a dataset spec whose \`expects:\` declares drift (default: HEAD, where it is one)
  --json FILE       write measures, shares, declared, expects, compared, notes
  --evidence FILE   write the whole Drift document, for gates

  sluice drift main HEAD --data data/worksite --pictures`
