import { type BodyOf, defineDocument } from './define.ts'
import { count, list, map, number, object, oneOf, text } from './schema.ts'

const boxCounts = object({ added: count, removed: count, moved: count, relabelled: count, unchanged: count })
/** Changes of boxes by who made them; moves and relabels are the head's. */
const changeCounts = object({ added: count, removed: count, moved: count, relabelled: count })
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
  object(
    {
      classes: object({
        added: list(text),
        removed: list(text),
        renamed: list(object({ from: text, to: text })),
      }),
      /** `modified` counts images whose boxes or pixels changed; `replaced` those of them that have other pixels. */
      images: object(
        { added: count, removed: count, renamed: count, resplit: count, modified: count, replaced: count },
        ['replaced'],
      ),
      boxes: boxCounts,
      byClass: map(boxCounts),
      /** Where provenance tells: whose boxes were added, moved and relabelled (in the head), and removed (in the base). */
      byAnnotator: map(changeCounts),
      bySource: map(changeCounts),
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
      /** What was compared: every image, or only those whose files differ between two revisions. */
      scope: oneOf('all', 'changed'),
    },
    ['byAnnotator', 'bySource', 'scope'],
  ),
)
export type DatasetDiffBody = BodyOf<typeof datasetDiff>
