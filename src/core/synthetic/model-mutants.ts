import type { ServingSettings } from '../detect/model.ts'
import type { ModelMutant } from './model-mutant.ts'
import { weightMutants } from './model-mutants-weights.ts'

const suppressedInside = 'the model suppresses its boxes itself, so that this setting changes nothing'

function raw(change: (serving: ServingSettings) => ServingSettings): NonNullable<ModelMutant['serving']> {
  return (serving, { head }) => (head.kind === 'raw' ? change(serving) : suppressedInside)
}

const servingMutants: readonly ModelMutant[] = [
  {
    id: 'bgr-for-rgb',
    summary: 'red and blue exchanged',
    serving: (serving) => ({ ...serving, channels: serving.channels === 'RGB' ? 'BGR' : 'RGB' }),
  },
  { id: 'scale-missing', summary: 'grey levels 0 to 255 where 0 to 1 belongs', serving: (s) => ({ ...s, scale: 1 }) },
  {
    id: 'padding-black',
    summary: 'black around the picture instead of grey 114',
    serving: (s) => ({ ...s, padding: 0 }),
  },
  {
    id: 'stretched',
    summary: 'stretched onto the square instead of letterboxed',
    serving: (s) => ({ ...s, fit: 'stretch' }),
  },
  { id: 'nms-too-eager', summary: 'suppression from IoU 0.1', serving: raw((s) => ({ ...s, iou: 0.1 })) },
  { id: 'nms-too-lax', summary: 'suppression from IoU 0.99 only', serving: raw((s) => ({ ...s, iou: 0.99 })) },
  {
    id: 'confidence-too-high',
    summary: 'boxes below confidence 0.9 thrown away',
    serving: (s) => ({ ...s, confidence: 0.9, servedConfidence: 0.9 }),
  },
  {
    id: 'one-box-a-picture',
    summary: 'at most one box a picture',
    serving: (s) => ({ ...s, maxDetections: 1 }),
  },
]

const controls: readonly ModelMutant[] = [
  { id: 'itself', summary: 'the model as it is', control: true },
  {
    id: 'defaults-spelt-out',
    summary: 'every setting named that is usual anyway',
    control: true,
    serving: (s) => ({ padding: 114, scale: 1 / 255, fit: 'letterbox', suppression: 'greedy', ...s }),
  },
  {
    id: 'more-room',
    summary: 'room for more boxes than there are',
    control: true,
    serving: (s) => ({ ...s, maxDetections: s.maxDetections * 2 }),
  },
]

/** Every mutant of a model or of its serving, controls last. */
export const modelMutants: readonly ModelMutant[] = [
  ...servingMutants,
  ...weightMutants.filter(({ control }) => !control),
  ...controls,
  ...weightMutants.filter(({ control }) => control),
]
