import { classCounts } from '../core/check/balance.ts'
import { balanceNote } from '../core/check/imbalance.ts'
import { ruleSettings } from '../core/check/policy.ts'
import { rules } from '../core/check/rules.ts'
import { runRules } from '../core/check/run-rules.ts'
import { splitNote } from '../core/check/split-note.ts'
import { targetNote } from '../core/check/targets.ts'
import { applyWaivers } from '../core/check/waive.ts'
import { datasetDigests, labelsDigest } from '../core/dataset/digest.ts'
import type { Dataset } from '../core/dataset/model.ts'
import type { ClassMigrationBody, DatasetSpecBody, GatePolicyBody, WaiversBody } from '../core/documents/declared.ts'
import { canonicalJson, type DocumentOf, sha256 } from '../core/documents/define.ts'
import { type Finding, type FindingsBody, findings } from '../core/documents/findings.ts'

export type CheckOptions = {
  /** Severities and limits over the rules' own; null or left out, the rules' own hold. */
  policy?: GatePolicyBody | null
  waivers?: WaiversBody | null
  /** With a base, only findings that it does not have too can block. */
  base?: Dataset | null
  spec?: DatasetSpecBody | null
  /** The spec of the base, and changes of the class map that the proposal declares. */
  baseSpec?: DatasetSpecBody | null
  migrations?: readonly ClassMigrationBody[]
  /** RFC 3339 date that waivers are judged by. */
  today: string
  /** Images that rules about one image look at: those of the others are known to find nothing. All when left out. */
  images?: Uint32Array
  baseImages?: Uint32Array
}

export type Checked = {
  document: DocumentOf<typeof findings>
  /** Names of images that a rule about one image spoke of, in the data set and in its base. */
  flagged: ReadonlySet<string>
  baseFlagged: ReadonlySet<string>
}

/** More findings than this are counted but not listed. */
const mostListed = 5000
const severityRank = { error: 0, warning: 1, info: 2 }
const statusRank = { new: 0, old: 1, waived: 2, accepted: 3 }

/** Checks a data set against the rules; fails when an error is new. The counts are of new findings. */
export function checkDataset(dataset: Dataset, options: CheckOptions): DocumentOf<typeof findings> {
  return checkAndFlag(dataset, options).document
}

/** As `checkDataset`; also tells which images have to be looked at again though they do not change. */
export function checkAndFlag(dataset: Dataset, options: CheckOptions): Checked {
  const { base = null, spec = null, policy = null, waivers = null, today, images, baseImages } = options
  const { baseSpec = null, migrations = [] } = options
  const settings = ruleSettings(rules, policy)
  const inHead = runRules(dataset, settings, { base, spec, baseSpec, migrations, images })
  // A finding is old where the same rule finds it in the base: rules that find nothing need not be asked again.
  const only = new Set(inHead.map(({ rule }) => rule))
  const inBase = base ? runRules(base, settings, { spec, images: baseImages, only }) : []
  const known = new Set(inBase.map((finding) => finding.fingerprint))
  const found = inHead.map((finding) => ({
    ...finding,
    status: known.has(finding.fingerprint) ? ('old' as const) : ('new' as const),
  }))
  const all = applyWaivers(found, waivers?.waivers ?? [], today, filesOf(dataset))
  const order = new Map(settings.map(({ rule }, i) => [rule.id, i]))
  all.sort((a, b) => worstFirst(a, b, order))
  const fresh = all.filter((finding) => finding.status === 'new')
  const counts = { error: 0, warning: 0, info: 0 }
  for (const { severity } of fresh) counts[severity]++
  const body: FindingsBody = {
    // Nothing looked at is nothing shown: an empty folder does not pass.
    verdict: counts.error > 0 ? 'fail' : dataset.images.length === 0 ? 'inconclusive' : 'pass',
    counts,
    findings: all.slice(0, mostListed),
    scope: {
      images: dataset.images.length,
      boxes: dataset.boxes.count,
      rules: settings.filter(({ rule }) => base || !rule.needsBase).map(({ rule }) => rule.id),
      format: dataset.format,
      imagesRead: dataset.imagesPresent === false ? 0 : dataset.images.filter((image) => image.width > 0).length,
    },
    balance: balanceOf(dataset),
    notes: [...notesOf(dataset, base, all), ...numbersOf(dataset, spec)],
  }
  const subject = {
    ...datasetDigests(dataset),
    policy: sha256(canonicalJson(policy ?? {})),
    ...(base ? { base: labelsDigest(base) } : {}),
  }
  const document = findings.make(subject, body)
  return { document, flagged: flaggedBy(inHead), baseFlagged: flaggedBy(inBase) }
}

/** Files that findings speak of: what share of them a waiver covers is judged by these. */
function filesOf({ images }: Dataset): string[] {
  return images.map(({ labelFile, file }) => labelFile ?? file)
}

/** Sentences with the numbers of balance, splits and targets, as far as there are any. */
function numbersOf(dataset: Dataset, spec: DatasetSpecBody | null): string[] {
  const notes = [balanceNote(dataset), splitNote(dataset, spec?.splits ?? null), targetNote(dataset, spec)]
  return notes.filter((note) => note !== null)
}

function flaggedBy(found: readonly Finding[]): Set<string> {
  const aboutOne = new Set(rules.filter(({ scope }) => scope === 'image').map(({ id }) => id))
  return new Set(found.flatMap(({ rule, image }) => (aboutOne.has(rule) && image !== null ? [image] : [])))
}

function worstFirst(a: Finding, b: Finding, order: Map<string, number>): number {
  return (
    statusRank[a.status ?? 'new'] - statusRank[b.status ?? 'new'] ||
    severityRank[a.severity] - severityRank[b.severity] ||
    (order.get(a.rule) ?? -1) - (order.get(b.rule) ?? -1) ||
    (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || (a.column ?? 0) - (b.column ?? 0))
  )
}

function balanceOf(dataset: Dataset): NonNullable<FindingsBody['balance']> {
  const splits = (['train', 'val', 'test', 'none'] as const).filter((s) => dataset.images.some((i) => i.split === s))
  return splits.flatMap((split) => {
    const { boxes, images, boxCount } = classCounts(dataset, split)
    return dataset.classes.map((className, id) => {
      const share = boxCount > 0 ? (boxes[id] ?? 0) / boxCount : 0
      return { className, split, boxes: boxes[id] ?? 0, images: images[id] ?? 0, share }
    })
  })
}

function notesOf(dataset: Dataset, base: Dataset | null, all: readonly Finding[]): string[] {
  const notes = [...(dataset.notes ?? [])]
  const { images } = dataset
  if (images.length === 0) notes.push('There is no image in this data set: nothing was checked.')
  const withProvenance = images.filter((image) => image.provenance !== null)
  if (images.length > 0 && withProvenance.length === 0) {
    notes.push(
      'There is no provenance: scenes, cameras and label sources are not known, and leaks by scene cannot be seen.',
    )
  }
  const simulated = withProvenance.some((i) => i.provenance?.boxes?.some((box) => box.source === 'simulated-human'))
  if (simulated) notes.push('Labels are marked simulated-human: a program drew them in place of people.')
  if (dataset.imagesPresent !== false && images.some((image) => image.md5 === null)) {
    notes.push('Images were not hashed: equal images and leaks by content cannot be seen.')
  }
  if (!base) notes.push('There is no base: every finding counts as new, and changes of balance were not judged.')
  const old = all.filter((finding) => finding.status === 'old').length
  if (old > 0) notes.push(`${old} findings are in the base too and do not block.`)
  const waived = all.filter((finding) => finding.status === 'waived').length
  if (waived > 0) notes.push(`${waived} findings are waived.`)
  if (all.length > mostListed) notes.push(`${all.length - mostListed} further findings are counted but not listed.`)
  return notes
}
