import { type BodyOf, defineDocument } from './define.ts'
import { count, list, map, number, object, oneOf, text } from './schema.ts'

const boxCounts = object({ added: count, removed: count, moved: count, relabelled: count, unchanged: count })
const box = object({ classId: count, className: text, box: list(number) })

/** One box that differs; before is absent for an added box, after for a removed one. */
const boxChange = object({ change: oneOf('added', 'removed', 'moved', 'relabelled'), before: box, after: box }, [
  'before',
  'after',
])

/** The label-level difference of two versions of a data set. `moved` covers moved and resized boxes. */
export const datasetDiff = defineDocument(
  'DatasetDiff',
  1,
  'The label-level difference of two versions of a data set',
  object({
    classes: object({
      added: list(text),
      removed: list(text),
      renamed: list(object({ from: text, to: text })),
    }),
    images: object({ added: count, removed: count, renamed: count, resplit: count, modified: count }),
    boxes: boxCounts,
    byClass: map(boxCounts),
    bySplit: map(object({ images: object({ added: count, removed: count }), boxes: boxCounts })),
    /** Only images with a change, by name in the head (or in the base when removed). */
    byImage: list(
      object(
        {
          image: text,
          change: oneOf('added', 'removed', 'renamed', 'resplit', 'modified'),
          split: text,
          from: text,
          boxes: boxCounts,
          changes: list(boxChange),
        },
        ['from'],
      ),
    ),
  }),
)
export type DatasetDiffBody = BodyOf<typeof datasetDiff>
