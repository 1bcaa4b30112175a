import { classCounts } from '../core/check/balance.ts'
import { type Dataset, rowStarts } from '../core/dataset/model.ts'
import type { Finding } from '../core/documents/findings.ts'
import type { DefectKind } from '../core/synthetic/defect-kinds.ts'
import type { Storage } from '../ports.ts'
import { spoilLabelFiles } from '../steps/spoil.ts'
import { plantInFolder } from '../steps/synth.ts'
import type { DemoWorld } from './demo-tools.ts'
import type { OwnPlan } from './own-plan.ts'
import { writePicks } from './own-write.ts'

/** Defects that any data allows, the most telling first: as many are planted as half of the sound images can bear. */
const plantable: readonly DefectKind[] = [
  'box-outside',
  'unknown-class',
  'corrupt-image',
  'scene-leak',
  'duplicate-box',
  'swapped-corners',
  'missing-image',
]

type Source = { dataset: Dataset; plan: OwnPlan; errorsAt: (root: string) => readonly Finding[] }

/** The rest as it is with a few planted defects, the rest mended, and the rest with labels spoilt on purpose. */
export function ownProposals(storage: Storage, source: Source): DemoWorld['proposals'] {
  const { dataset, plan, errorsAt } = source
  const base = [...plan.val, ...plan.first]
  const names = plan.mended.map(({ name }) => name)
  const { rest: mends } = plan.says
  const real =
    plan.rest.length -
    plan.mended.filter(({ drop, clip, index }) => !drop.size && !clip.size && !unreadAt(plan, index)).length
  const swap = mostFrequentTwo(dataset)
  return {
    a: {
      title: 'The rest of the data, as it is',
      about: `Brings ${plan.rest.length} images just as they came, ${real === 0 ? 'without an error of their own' : `${real} of them with errors of their own`}, and a few defects that were planted.`,
      declaredDrift: [],
      write: async (root, progress) => {
        writePicks(storage, { dataset, picks: [...base, ...plan.rest], root, progress })
        const found = errorsAt(root).map(
          ({ rule, file, line, message }) => `real: ${rule} in ${file}${line > 0 ? `:${line}` : ''}: ${message}`,
        )
        const lost = dataset.format === 'yolo' ? [] : unwritten(plan)
        return [...found, ...lost, ...plant(storage, root, source)]
      },
    },
    b: {
      title: 'The rest of the data, mended',
      about: `Brings ${plan.mended.length} images; ${mends.length === 0 ? 'nothing had to be mended' : `mended or left out: ${mends.length} (${mends.slice(0, 3).join('; ')}${mends.length > 3 ? ' …' : ''})`}.`,
      declaredDrift: [],
      write: async (root, progress) => {
        writePicks(storage, { dataset, picks: [...base, ...plan.mended], root, progress })
        return [...mends]
      },
    },
    c: {
      title: 'The rest of the data, another labeller',
      about: swap
        ? `The mended images, clean to every file check; but the labeller took ${swap.names[0]} for ${swap.names[1]} and ${swap.names[1]} for ${swap.names[0]}. Spoilt on purpose.`
        : 'The mended images, clean to every file check; but every box lies a quarter of its size off. Spoilt on purpose.',
      declaredDrift: [],
      write: async (root, progress) => {
        writePicks(storage, { dataset, picks: [...base, ...plan.mended], root, progress })
        const labelled = names.filter((name) => storage.exists(`${root}/labels/${name}.txt`))
        spoilLabelFiles(storage, root, labelled, swap ? { kind: 'swap', classes: swap.ids } : { kind: 'shift' })
        const how = swap ? `${swap.names.join(' and ')} swapped` : 'boxes shifted by a quarter of their size'
        return [`${labelled.length} label files spoilt: ${how}`]
      },
    },
  }
}

/** Plants what the sound images of the rest can bear, and says what and where. */
function plant(storage: Storage, root: string, { dataset, plan }: Source): string[] {
  const start = rowStarts(dataset)
  const sound = plan.mended.filter(
    ({ index, drop, clip }) =>
      drop.size === 0 &&
      clip.size === 0 &&
      !unreadAt(plan, index) &&
      (start[index + 1] as number) > (start[index] as number),
  )
  const defects = plantable.slice(0, Math.floor(sound.length / 2))
  const only = sound.map(({ name }) => name)
  const planted = plantInFolder({ storage }, { root, only, defects, classCount: dataset.classes.length, seed: 'demo' })
  return planted.map(
    ({ kind, file, line, says }) => `planted: ${kind} in ${file}${line > 0 ? `:${line}` : ''}: ${says}`,
  )
}

/** Rows that the source's format holds and a label file cannot; said, since the proposal does not show them. */
function unwritten(plan: OwnPlan): string[] {
  const count = plan.rest.filter(({ unread }) => unread).length
  return count === 0
    ? []
    : [`real: labels of ${count} images could not be read and have no row here: ${plan.says.rest.join('; ')}`]
}

function unreadAt({ rest }: OwnPlan, index: number): boolean {
  return rest.some((pick) => pick.index === index && pick.unread)
}

/** The two classes with the most boxes; null when there are not two. */
function mostFrequentTwo(dataset: Dataset): { ids: [number, number]; names: [string, string] } | null {
  const { boxes } = classCounts(dataset)
  const order = [...boxes.keys()].filter((id) => (boxes[id] ?? 0) > 0 && id < dataset.classes.length)
  order.sort((a, b) => (boxes[b] ?? 0) - (boxes[a] ?? 0) || a - b)
  const [first, second] = order
  if (first === undefined || second === undefined) return null
  return { ids: [first, second], names: [dataset.classes[first] as string, dataset.classes[second] as string] }
}
