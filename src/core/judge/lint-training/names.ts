import { nearest } from '../../documents/suggest.ts'
import {
  anchorArguments,
  deprecatedArguments,
  knownArguments,
  objectnessArguments,
  weightArguments,
} from './arguments.ts'
import { eachOf, type LintRule } from './rule.ts'

const explained = [deprecatedArguments, objectnessArguments, anchorArguments, weightArguments]

export const nameRules: LintRule[] = [
  {
    id: 'unknown-argument',
    severity: 'error',
    says: 'an argument that the trainer does not know ends the run before it starts',
    check: ({ entries }) =>
      [...entries.keys()]
        .filter((name) => !knownArguments.has(name) && !explained.some((names) => names.has(name)))
        .map((name) => {
          const hint = nearest(name, [...knownArguments])
          return {
            argument: name,
            message: `the trainer does not know "${name}"${hint ? `; did you mean "${hint}"?` : ''}`,
            mend: hint ? `write ${hint}` : 'remove it',
          }
        }),
  },
  {
    id: 'deprecated-argument',
    severity: 'warning',
    says: 'an argument under an old name, or one that is ignored by now',
    check: (configuration) =>
      eachOf(configuration, deprecatedArguments, (name) => {
        const now = deprecatedArguments.get(name)
        return now
          ? { message: `"${name}" is an old name`, mend: `write ${now}` }
          : { message: `"${name}" was removed and is ignored with a warning`, mend: 'remove it' }
      }),
  },
  {
    id: 'objectness-loss',
    severity: 'error',
    says: 'YOLOv8 and newer have no objectness loss: advice to tune it is of YOLOv5',
    check: (configuration) =>
      eachOf(configuration, objectnessArguments, (name) => ({
        message: `"${name}" tunes an objectness loss that YOLOv8 and newer do not have`,
        mend: 'tune cls (.5) against box (7.5), or add background images',
      })),
  },
  {
    id: 'anchors',
    severity: 'error',
    says: 'YOLOv8 and newer have no anchors: there is nothing to cluster or match',
    check: (configuration) =>
      eachOf(configuration, anchorArguments, (name) => ({
        message: `"${name}" sets anchors, and YOLOv8 and newer predict without anchors`,
        mend: 'remove it; for small objects raise imgsz or add a head of stride 4',
      })),
  },
  {
    id: 'sample-weight',
    severity: 'error',
    says: 'there is no weight per image or box: repeat lines of the train list instead',
    check: (configuration) =>
      eachOf(configuration, weightArguments, (name) => ({
        message: `"${name}": the trainer has no weight per image, box or class`,
        mend: 'repeat an image’s line in the train list; for classes set cls_pw between 0 and 1',
      })),
  },
]
