import type { Dataset, Split } from '../core/dataset/model.ts'
import { planSplit, type SplitOptions } from '../core/select/split.ts'
import { examplesDistribution, labelsDistribution } from '../core/select/split-measures.ts'
import { jensenShannonBits } from '../core/stats/divergence.ts'
import type { Console } from '../ports.ts'

export type SplitResult = {
  /** Lines of splits/<name>.txt: image files, sorted. */
  lists: { train: string[]; val: string[]; test: string[] }
  body: {
    images: { train: number; val: number; test: number }
    assigned: number
    followed: number
    groups: { count: number; largest: number; torn: number }
    /** Images with each class, by split. */
    classes: { name: string; train: number; val: number; test: number }[]
    /** 0 is a perfect spread; null where a split has a class on every image. */
    labelsDistribution: number | null
    examplesDistribution: number
    /** Of boxes' classes, training against validation, in bits. */
    jensenShannon: number
  }
}

const names = ['train', 'val', 'test'] as const

/** Plans the splits of a data set and measures how alike they are. */
export function splitDataset(dataset: Dataset, options: SplitOptions): SplitResult {
  const plan = planSplit(dataset, options)
  const filesOf = (name: Split) =>
    dataset.images.flatMap(({ file }, i) => (plan.splits[i] === name ? [file] : [])).sort()
  const lists = { train: filesOf('train'), val: filesOf('val'), test: filesOf('test') }
  const used = options.test > 0 || lists.test.length > 0 ? 3 : 2
  const classSets = dataset.images.map(() => new Set<number>())
  const boxes = names.map(() => new Float64Array(dataset.classes.length))
  const at = plan.splits.map((split) => names.indexOf(split as 'train'))
  for (let row = 0; row < dataset.boxes.count; row++) {
    const [image, label] = [dataset.boxes.image[row] as number, dataset.boxes.classId[row] as number]
    if (label < 0 || label >= dataset.classes.length) continue
    classSets[image]?.add(label)
    const counts = boxes[at[image] as number]
    if (counts) counts[label]!++
  }
  const labels = classSets.map((set) => [...set])
  const spread = labelsDistribution({ labels, labelCount: dataset.classes.length }, at, used)
  const withClass = (label: number, j: number) => labels.filter((own, i) => at[i] === j && own.includes(label)).length
  return {
    lists,
    body: {
      images: { train: lists.train.length, val: lists.val.length, test: lists.test.length },
      assigned: plan.assigned,
      followed: plan.followed,
      groups: { count: plan.groups, largest: plan.largest, torn: plan.torn },
      classes: dataset.classes.map((name, label) => ({
        ...{ name, train: withClass(label, 0), val: withClass(label, 1), test: withClass(label, 2) },
      })),
      labelsDistribution: Number.isFinite(spread) ? spread : null,
      examplesDistribution: examplesDistribution(
        at,
        [1 - options.val - options.test, options.val, options.test].slice(0, used),
      ),
      // An empty split has no distribution to be apart.
      jensenShannon: jensenShannonBits(boxes[0] as Float64Array, boxes[1] as Float64Array) || 0,
    },
  }
}

/** A split told to a person. */
export function printSplit({ body }: SplitResult, console: Pick<Console, 'print'>): void {
  const { images, groups, assigned, followed, classes } = body
  console.print(`train ${images.train}, val ${images.val}, test ${images.test} images`)
  console.print(`${assigned} images were assigned, ${followed} followed their group; nothing that had a split moved`)
  console.print(`${groups.count} groups that stay together, the largest of ${groups.largest} images`)
  if (groups.torn > 0) console.print(`${groups.torn} groups are in several splits already: sluice check names them`)
  for (const { name, train, val, test } of classes)
    console.print(`  ${JSON.stringify(name)}: in ${train} train, ${val} val, ${test} test images`)
  const spread = body.labelsDistribution === null ? 'infinite' : body.labelsDistribution.toFixed(3)
  console.print(`labels distribution ${spread}, Jensen–Shannon ${body.jensenShannon.toFixed(4)} bits (0 is best)`)
}
