export const usage = `
  sluice diff BASE HEAD [options]

  BASE, HEAD        two versions of a data set: folders (or data.yaml, COCO JSON, dataset specs), or git revisions as
                    REV:PATH; of revisions only manifests and label files that changed are fetched, never images
  --data PATH       the data set, where BASE or HEAD is a revision alone
  --all             read every label file of revisions too, so that unchanged boxes are all counted
  --json FILE       write the difference: classes, images, boxes, byClass, byImage, byAnnotator, bySource, scope
  --evidence FILE   write the whole DatasetDiff document, for gates (reads every label file)
  --md FILE         write it as Markdown, for a pull request

  sluice diff main:data/worksite HEAD:data/worksite
  sluice diff main HEAD --data data/worksite
  sluice diff main data/worksite`
