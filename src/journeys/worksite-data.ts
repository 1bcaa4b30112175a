import { canonicalJson, sha256 } from '../core/documents/define.ts'
import type { DefectKind } from '../core/synthetic/defect-kinds.ts'
import { classes } from '../core/synthetic/figure.ts'
import { drawFrame, frameName, planScenes, type WorldOptions } from '../core/synthetic/worksite.ts'
import type { Images, Progress, Storage } from '../ports.ts'
import { spoilLabelFiles } from '../steps/spoil.ts'
import { plantInFolder, synthesize } from '../steps/synth.ts'
import type { DemoWorld } from './demo-tools.ts'

const day = ['yard', 'hall', 'gate'] as const
const everywhere = [...day, 'night'] as const
const framesPerScene = 4

// Scenes of the measured story: 180 images to start with, 96 proposed, 240 to judge by in 60 scenes.
const plans = {
  train: { seed: 'worksite', prefix: 'v1', cameras: day, scenes: 45, framesPerScene, toolShare: 0.2 },
  val: { seed: 'worksite', prefix: 'val', cameras: everywhere, scenes: 60, framesPerScene, toolShare: 0.5 },
  night: { seed: 'worksite', prefix: 'night', cameras: ['night'], scenes: 24, framesPerScene, toolShare: 0.8 },
  traffic: { seed: 'worksite', prefix: 'live', cameras: everywhere, scenes: 60, framesPerScene: 2, toolShare: 0.5 },
} satisfies Record<string, WorldOptions>

/** What proposal A brings beside its pictures; each is one defect of the data set rules. */
const plantedDefects: readonly DefectKind[] = [
  'box-outside',
  'swapped-corners',
  'unknown-class',
  'duplicate-box',
  'missing-image',
  'corrupt-image',
  'scene-leak',
  'class-flood',
]

export type WorksiteOptions = {
  /** Defects of proposal A; the demo plants all of `plantedDefects`. */
  defects?: readonly DefectKind[]
  /** How the labels of proposal C are spoilt; null leaves them right. */
  spoil?: 'swap' | 'shift' | null
}

/** The embedded worksite world: a day-time data set, and a night camera that is proposed three times. */
export function worksiteData(ports: { storage: Storage; images: Images }, options: WorksiteOptions = {}): DemoWorld {
  const { defects = plantedDefects, spoil = 'swap' } = options
  const night = (prefix: string) => planScenes({ ...plans.night, prefix })
  const add = (root: string, prefix: string, progress: Progress) =>
    synthesize(ports, { root, parts: [{ split: 'train', plans: night(prefix) }], progress })
  return {
    name: 'worksite',
    source: 'worksite',
    identity: sha256(canonicalJson({ plans, defects, spoil })),
    classes: [...classes],
    imageSize: 160,
    notes: [
      'The worksite world is drawn, and its labels are exact by construction: they are marked simulated-human, and stand in for human-verified ones in this demo only.',
    ],
    versionOne: async (root, progress) => {
      const parts = [
        { split: 'train' as const, plans: planScenes(plans.train) },
        { split: 'val' as const, plans: planScenes(plans.val) },
      ]
      await synthesize(ports, { root, parts, progress })
    },
    proposals: {
      a: {
        title: 'Night camera, first try',
        about:
          'Brings a night camera, as it came back from labelling: with every mistake that a tired afternoon makes.',
        declaredDrift: ['class mix', 'brightness'],
        write: async (root, progress) => {
          const parts = [{ split: 'train' as const, plans: night('dusk') }]
          await synthesize(ports, { root, parts, progress })
          const planted = plantInFolder(ports, { root, parts, defects, classCount: classes.length, seed: 'demo' })
          return planted.map(({ kind, file, line, says }) => `${kind} in ${file}${line > 0 ? `:${line}` : ''}: ${says}`)
        },
      },
      b: {
        title: 'Night camera, mended',
        about: 'The same camera with the labels mended: 96 images, and more of the weak class, tools.',
        declaredDrift: ['class mix', 'brightness'],
        write: async (root, progress) => {
          await add(root, 'night', progress)
          return []
        },
      },
      c: {
        title: 'Night camera, another labeller',
        about:
          spoil === 'swap'
            ? 'As many night images, clean to every file check; but the labeller took helmet for vest and vest for helmet.'
            : 'As many night images, clean to every file check; but every box lies a quarter of its size off.',
        declaredDrift: ['class mix', 'brightness'],
        write: async (root, progress) => {
          await add(root, 'late', progress)
          if (spoil === null) return []
          const names = night('late').flatMap((plan) =>
            Array.from({ length: plan.frames }, (_, i) => frameName(plan, i)),
          )
          spoilLabelFiles(
            ports.storage,
            root,
            names,
            spoil === 'swap' ? { kind: 'swap', classes: [1, 2] } : { kind: 'shift' },
          )
          return [`${names.length} label files spoilt: ${spoil}`]
        },
      },
    },
    traffic: async (count) => {
      const frames = planScenes(plans.traffic).flatMap((plan) =>
        Array.from({ length: plan.frames }, (_, i) => [plan, i] as const),
      )
      const chosen = frames.slice(0, count)
      return Promise.all(chosen.map(async ([plan, i]) => ports.images.encodePng(drawFrame(plan, i).picture)))
    },
  }
}
