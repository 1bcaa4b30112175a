import { type Document, type DocumentOf, documentId } from '../core/documents/define.ts'
import { comparison, evaluation } from '../core/documents/evaluation.ts'
import { isSound } from '../core/documents/parse.ts'
import type { VerdictBody, VerdictLine } from '../core/documents/verdict.ts'
import type { Bundle } from './bundle.ts'
import type { Checking } from './check-lines.ts'
import { judgedEvidence } from './promotion-judging.ts'
import { armsCompared } from './replay-comparison.ts'

/** An evaluation that a verdict may rest on, and how. */
export type ReadArm = {
  document: DocumentOf<typeof evaluation>
  /** What comparisons call it: champion, control; null for one that was judged by itself. */
  role: string | null
  /** Gates that read its boxes; its own numbers, or those of a comparison that they went into. */
  gates: string[]
}

/**
 * Evaluations that were judged, and those whose boxes went into a comparison that was: a bundle may hold these without
 * naming them as judged. With what reads each: without a verdict every gate is taken to.
 */
export function armsRead(bundle: Bundle, verdict: Document<'Verdict', VerdictBody> | null): ReadArm[] {
  const found = new Map<string, ReadArm>()
  const readers = (id: string) =>
    verdict === null ? ['a gate'] : verdict.body.lines.filter(({ evidence }) => evidence === id).map(({ gate }) => gate)
  const add = (document: ReadArm['document'], role: string | null, gates: string[]) => {
    const id = documentId(document)
    const arm = found.get(id) ?? { document, role, gates: [] }
    found.set(id, { document, role: arm.role ?? role, gates: [...new Set([...arm.gates, ...gates])] })
  }
  for (const document of judgedEvidence(bundle)) {
    const gates = readers(documentId(document))
    if (isSound(evaluation, document)) add(document, null, gates)
    if (!isSound(comparison, document)) continue
    const { candidate, baseline } = armsCompared(bundle, document)
    for (const arm of candidate) add(arm, null, gates)
    for (const arm of baseline) add(arm, document.body.baseline, gates)
  }
  return [...found.values()]
}

/** Says which lines of a verdict rest on boxes that were inferred again, and which on what the run says of itself. */
export function tellSources(
  add: Checking['add'],
  { evidence }: Bundle,
  { body }: Document<'Verdict', VerdictBody>,
  again: { evaluations: ReadonlySet<string>; arms: readonly ReadArm[] },
): void {
  const kindOf = new Map(evidence.map((document) => [documentId(document), document.kind]))
  const open = new Set(
    again.arms.filter(({ document }) => !again.evaluations.has(documentId(document))).flatMap(({ gates }) => gates),
  )
  // How old evidence is, follows from no box.
  const isInferred = ({ gate, evidence: id }: VerdictLine) =>
    ['Evaluation', 'Comparison'].includes(kindOf.get(id ?? '') ?? '') && gate !== 'freshness' && !open.has(gate)
  const read = body.lines.filter((line) => line.evidence !== null)
  const [inferred, stated] = [read.filter(isInferred), read.filter((line) => !isInferred(line))]
  if (inferred.length > 0) {
    const reason = `inferred again here: ${namesOf(inferred)}`
    add({ check: 'numbers that gates read', verdict: 'pass', proof: 'again', reason })
  }
  if (stated.length > 0) {
    const reason = `as the run says, which nothing here repeats: ${namesOf(stated)}`
    add({ check: 'numbers that gates read', verdict: 'pass', proof: 'stated', reason })
  }
}

const namesOf = (lines: readonly VerdictLine[]) => [...new Set(lines.map(({ gate }) => gate))].join(', ')
