import { type Dataset, rowStarts, type Split } from './model.ts'

/** A COCO file a split (`instances_train.json`); boxes in pixels at two decimals, category ids from 1. */
export function layoutCoco(dataset: Dataset): { files: { path: string; text: string }[]; lost: string[] } {
  const start = rowStarts(dataset)
  const splits = (['train', 'val', 'test', 'none'] as const).filter((s) => dataset.images.some((i) => i.split === s))
  const lost = [...(dataset.lost ?? [])]
  const unsized = dataset.images.filter((image) => image.width === 0).length
  if (unsized > 0) lost.push(`${unsized} images of unknown size are left out`)
  if (dataset.images.some((image) => image.provenance !== null)) lost.push('provenance has no place in COCO')
  const unlabelled = dataset.images.filter((image) => image.labelFile === null).length
  if (unlabelled > 0) lost.push(`${unlabelled} images without labels become background`)
  const refused = dataset.defects.filter(({ code }) =>
    /^(label-(?!orphan|class-format|range-tolerated)|annotation)/.test(code),
  )
  if (refused.length > 0)
    lost.push(`${refused.length} labels that could not be read are left out (sluice check lists them)`)
  const files = splits.map((split) => {
    const path = split === 'none' ? 'instances.json' : `instances_${split}.json`
    return { path: `annotations/${path}`, text: `${JSON.stringify(cocoOf(dataset, start, split), null, 1)}\n` }
  })
  return { files, lost }
}

function cocoOf(dataset: Dataset, start: Uint32Array, split: Split): object {
  const { boxes } = dataset
  const images: object[] = []
  const annotations: object[] = []
  for (const [i, image] of dataset.images.entries()) {
    const { width, height } = image
    if (image.split !== split || width === 0 || height === 0) continue
    const id = images.length + 1
    images.push({ id, file_name: image.file.replace(/^.*?(?:images|JPEGImages)\//, ''), width, height })
    for (let row = start[i] as number; row < (start[i + 1] as number); row++) {
      const [w, h] = [(boxes.w[row] as number) * width, (boxes.h[row] as number) * height]
      const [x, y] = [(boxes.cx[row] as number) * width - w / 2, (boxes.cy[row] as number) * height - h / 2]
      const bbox = [x, y, w, h].map((value) => Math.round(value * 100) / 100)
      const area = Math.round((bbox[2] as number) * (bbox[3] as number) * 100) / 100
      const category = (boxes.classId[row] as number) + 1
      annotations.push({ id: annotations.length + 1, image_id: id, category_id: category, bbox, area, iscrowd: 0 })
    }
  }
  const categories = dataset.classes.map((name, id) => ({ id: id + 1, name }))
  return { images, annotations, categories }
}
