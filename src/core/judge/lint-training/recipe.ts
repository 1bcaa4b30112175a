import { type LintRule, numberOf } from './rule.ts'

export const recipeRules: LintRule[] = [
  {
    id: 'freeze-head-only',
    severity: 'warning',
    says: 'freeze=10 is not head-only: it freezes the backbone, the neck keeps training',
    check: (configuration) => {
      const freeze = numberOf(configuration, 'freeze')
      if (freeze === null || freeze < 9 || freeze > 12) return []
      return [
        {
          argument: 'freeze',
          message: `freeze=${freeze} freezes modules 0 to ${freeze - 1}, about the backbone; the neck trains with the head`,
          mend: 'for the head alone freeze all modules before Detect: 22 for YOLOv8, 23 for YOLO11 and YOLO26',
        },
      ]
    },
  },
  {
    id: 'copy-paste-masks',
    severity: 'warning',
    says: 'copy_paste needs masks: on box labels it does nothing',
    check: (configuration) => {
      const share = numberOf(configuration, 'copy_paste', 0)
      const task = configuration.entries.get('task')?.value ?? 'detect'
      if (!share || task !== 'detect') return []
      const message = `copy_paste ${share} needs masks, and box labels have none`
      return [{ argument: 'copy_paste', message, mend: 'remove it, or label polygons' }]
    },
  },
  {
    id: 'mosaic-few-updates',
    severity: 'warning',
    says: 'mosaic, on by default, needs thousands of updates; a short run never sees a whole picture at its real size',
    check: (configuration) => {
      const mosaic = numberOf(configuration, 'mosaic', 1)
      const { updates, entries } = configuration
      if (!mosaic || updates === null || updates >= 1000) return []
      const argument = entries.has('mosaic') ? 'mosaic' : 'epochs'
      const message = `mosaic is ${mosaic} in a run of ${updates} updates`
      return [{ argument, message, mend: 'set mosaic: 0 and close_mosaic: 0, or train for longer' }]
    },
  },
  {
    id: 'close-mosaic',
    severity: 'warning',
    says: 'close_mosaic (10 by default) as long as the run means no mosaic at all',
    check: (configuration) => {
      const mosaic = numberOf(configuration, 'mosaic', 1)
      const epochs = numberOf(configuration, 'epochs', 100)
      const close = numberOf(configuration, 'close_mosaic', 10)
      if (!mosaic || !epochs || !close || close < epochs) return []
      const argument = configuration.entries.has('close_mosaic') ? 'close_mosaic' : 'epochs'
      const message = `mosaic is closed for the last ${close} epochs, and there are ${epochs}`
      return [{ argument, message, mend: 'set close_mosaic to about a sixth of the epochs, or mosaic: 0' }]
    },
  },
  {
    id: 'rect-mosaic',
    severity: 'warning',
    says: 'rect=True turns mosaic, mixup and cutmix off',
    check: ({ entries }) => {
      const set = ['mosaic', 'mixup', 'cutmix'].filter((name) => Number(entries.get(name)?.value ?? 0) > 0)
      if (entries.get('rect')?.value !== true || set.length === 0) return []
      return [{ argument: 'rect', message: `rect turns ${set.join(', ')} off`, mend: 'choose one of the two' }]
    },
  },
  {
    id: 'classification-only',
    severity: 'warning',
    says: 'erasing and auto_augment act on classification only',
    check: ({ entries }) =>
      ['erasing', 'auto_augment']
        .filter((name) => Boolean(entries.get(name)?.value))
        .filter(() => (entries.get('task')?.value ?? 'detect') === 'detect')
        .filter(() => entries.get('mode') === undefined)
        .map((name) => ({ argument: name, message: `${name} does nothing in detection`, mend: 'remove it' })),
  },
]
