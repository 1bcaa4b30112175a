import type { DatasetSpecBody } from '../documents/declared.ts'
import { canonicalJson, sha256 } from '../documents/define.ts'
import type { Problem } from '../documents/parse.ts'
import { nearest } from '../documents/suggest.ts'
import { insideRoot, isImagePath } from './paths.ts'

/** What a signature binds: SHA-256 of the canonical JSON of the spec without its signature. */
export function specDigest(spec: DatasetSpecBody): string {
  const { signedOff: _, ...rest } = spec
  return sha256(canonicalJson(rest))
}

/** signed: the signature is of this text; changed: of another; unsigned: there is none, or it names no digest. */
export function signatureOf(spec: DatasetSpecBody): 'signed' | 'changed' | 'unsigned' {
  const digest = spec.signedOff?.digest
  if (digest === undefined) return 'unsigned'
  return digest === specDigest(spec) ? 'signed' : 'changed'
}

/** What the schema of a spec cannot tell: rules of classes that are not there, limits that contradict, paths that leave. */
export function specProblems(spec: DatasetSpecBody): Problem[] {
  return [...classProblems(spec), ...ruleProblems(spec), ...shareProblems(spec), ...targetProblems(spec)]
}

function classProblems({ classes, path }: DatasetSpecBody): Problem[] {
  const problems = repeated(classes).map((at) => ({
    pointer: `/classes/${at}`,
    message: `classes: ${shown(classes[at])} is there twice`,
  }))
  if (insideRoot(path) === null) {
    problems.push({ pointer: '/path', message: `path: ${shown(path)} leaves the repository` })
  }
  return problems
}

function ruleProblems({ classes, labels }: DatasetSpecBody): Problem[] {
  const rules = labels?.rules ?? []
  const problems: Problem[] = []
  const ids = rules.map(({ id }, i) => id ?? ` ${i}`)
  for (const at of repeated(ids)) {
    problems.push({ pointer: `/labels/rules/${at}/id`, message: `two rules have the id ${shown(ids[at])}` })
  }
  for (const [i, rule] of rules.entries()) {
    const at = (key: string) => `/labels/rules/${i}/${key}`
    if (!classes.includes(rule.class)) {
      const hint = nearest(rule.class, classes)
      const message = `a rule is about ${shown(rule.class)}, which is no class${hint ? `; did you mean ${shown(hint)}?` : ''}`
      problems.push({ pointer: at('class'), message })
    }
    const side = rule.limits?.minimumSide
    if (side && !(side.pixels > 0 && side.pixels <= 100_000)) {
      problems.push({ pointer: at('limits'), message: `minimumSide: ${side.pixels} is no number of pixels` })
    }
    if (side?.reference === 'training' && !side.trainingSize) {
      problems.push({ pointer: at('limits'), message: 'minimumSide at training size needs trainingSize in pixels' })
    }
    for (const [at, path] of (rule.exemplars ?? []).entries()) {
      const message = exemplarProblem(path)
      if (message) problems.push({ pointer: `/labels/rules/${i}/exemplars/${at}`, message })
    }
  }
  return problems
}

function exemplarProblem(path: string): string | null {
  if (insideRoot(path) === null) return `the exemplar ${shown(path)} leaves the repository`
  return isImagePath(path) ? null : `the exemplar ${shown(path)} is no picture`
}

function shareProblems({ splits }: DatasetSpecBody): Problem[] {
  const sum = splits.val + (splits.test ?? 0)
  if (splits.val === 0) return [{ pointer: '/splits/val', message: 'splits.val: 0 leaves nothing to judge by' }]
  if (sum < 1) return []
  return [
    { pointer: '/splits', message: `splits: val and test together are ${sum}, which leaves nothing for training` },
  ]
}

function targetProblems({ targets = {} }: DatasetSpecBody): Problem[] {
  return (['seedImages', 'poolImages', 'validationImages'] as const).flatMap((key) => {
    const [least = 0, most = 0] = targets[key] ?? []
    const message = `targets.${key}: at least ${least} and at most ${most} contradict each other`
    return least > most ? [{ pointer: `/targets/${key}`, message }] : []
  })
}

/** Places of what an earlier place holds already. */
function repeated(list: readonly string[]): number[] {
  return list.flatMap((item, i) => (list.indexOf(item) < i ? [i] : []))
}

function shown(text: string | undefined): string {
  return JSON.stringify((text ?? '').slice(0, 80))
}
