import { type BodyOf, defineDocument } from './define.ts'
import { count, list, number, object, oneOf, text } from './schema.ts'

const box = object({ className: text, box: list(number) })
const side = object({ value: text, box }, ['value', 'box'])

/** What a three-way merge of data sets did, and what it leaves to people. A side is absent where it has nothing. */
export const datasetMerge = defineDocument(
  'DatasetMerge',
  1,
  'A three-way merge of data sets: what was taken from each side, and the conflicts',
  object({
    verdict: oneOf('pass', 'fail'),
    images: object({ total: count, fromOurs: count, fromTheirs: count, fromBoth: count, removed: count }),
    boxes: count,
    classes: list(text),
    /** Classes whose number in the merged data set is another one than on that side; labels were rewritten. */
    renumbered: list(object({ side: oneOf('ours', 'theirs'), className: text, from: count, to: count })),
    conflicts: list(
      object(
        {
          kind: oneOf(
            'moved',
            'relabelled',
            'removed-changed',
            'added',
            'image-removed',
            'image-name',
            'image-content',
            'split',
            'provenance',
            'class',
            'file',
          ),
          image: text,
          message: text,
          base: side,
          ours: side,
          theirs: side,
        },
        ['image', 'base', 'ours', 'theirs'],
      ),
    ),
    /** Which side wins conflicts, where that was asked for; then they are listed and settled. */
    prefer: oneOf('ours', 'theirs', 'none'),
  }),
)
export type DatasetMergeBody = BodyOf<typeof datasetMerge>
export type MergeConflict = DatasetMergeBody['conflicts'][number]
