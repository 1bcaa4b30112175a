import { type BodyOf, defineDocument } from './define.ts'
import { count, list, name, nullable, number, object, oneOf, severity, share, text, verdict } from './schema.ts'

const finding = object(
  {
    rule: name,
    severity,
    /** Path relative to the data set's root, forward slashes. */
    file: text,
    /** 1-based; 0 when the finding is about the whole file. */
    line: count,
    column: count,
    image: nullable(text),
    message: text,
    /** How to mend it, one sentence. */
    mend: text,
    /** Survives renames, line order and number formatting; the same defect has the same fingerprint. */
    fingerprint: text,
    /** Boxes to draw, normalised cx, cy, w, h, with what they are. */
    boxes: list(object({ label: text, role: oneOf('finding', 'other', 'prediction'), box: list(number) })),
    /** The other image of a pair (a copy, a leak), to be shown beside this one. */
    pair: object({ image: text, file: text, split: text }),
    /** new: not in the base; old: also there; waived: a waiver in force covers it; accepted: a reviewer's triage does. */
    status: oneOf('new', 'old', 'waived', 'accepted'),
  },
  ['column', 'mend', 'boxes', 'pair', 'status'],
)

/** What the data set rules found. */
export const findings = defineDocument(
  'Findings',
  1,
  'What the data set rules found',
  object(
    {
      verdict,
      counts: object({ error: count, warning: count, info: count }),
      findings: list(finding),
      /** What was looked at; images are 0 when only labels were fetched. */
      scope: object({ images: count, boxes: count, rules: list(name), format: text, imagesRead: count }),
      /** Numbers that reports show: boxes and images by class and split. */
      balance: list(object({ className: text, split: text, boxes: count, images: count, share })),
      /** Said even when nothing is wrong: provenance that is missing, rules that could not run, waivers. */
      notes: list(text),
    },
    ['balance', 'notes'],
  ),
)
export type FindingsBody = BodyOf<typeof findings>
export type Finding = FindingsBody['findings'][number]
