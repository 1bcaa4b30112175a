import { type Rule, wholeFinding } from '../rule.ts'

export const labelKind: Rule = {
  id: 'label-kind',
  severity: 'info',
  scope: 'dataset',
  title: 'Labels are oriented boxes',
  explanation:
    'A row of nine fields is a class and four corners. For detection the loader takes it as a polygon, and the upright box around it is what is trained and checked here.',
  mend: 'Train them with an OBB model, or convert them to boxes where upright boxes are meant.',
  check: ({ dataset }) => {
    const files = dataset.defects.filter(({ code }) => code === 'label-oriented')
    const [first] = files
    if (!first) return []
    const labelled = new Set(dataset.boxes.image.subarray(0, dataset.boxes.count)).size
    const rest = Math.max(0, labelled - files.length)
    const others = rest > 0 ? `, the other ${rest} hold boxes or polygons` : ''
    const message = `${files.length} label files hold oriented boxes (9 fields, ${first.file}:${first.line})${others}; they are taken as their upright boxes`
    return [wholeFinding(message, 'oriented')]
  },
}
