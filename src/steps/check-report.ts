import type { DatasetDiffBody } from '../core/documents/dataset-diff.ts'
import type { Document } from '../core/documents/define.ts'
import type { FindingsBody } from '../core/documents/findings.ts'
import type { DriftBody, SuspiciousBody } from '../core/documents/operational.ts'
import { renderCheckReport } from '../core/render/report/check-page.ts'
import type { CheckReportInput } from '../core/render/report-input.ts'
import type { Images } from '../ports.ts'
import { type Chosen, chooseChanges, chooseDoubts, chooseFindings } from './choose-pictures.ts'
import { bringPictures, type PictureSide, showPictures } from './show-pictures.ts'

export type CheckReport = {
  /** The data set's name or path. */
  title: string
  findings: Document<'Findings', FindingsBody>
  diff?: DatasetDiffBody
  drift?: DriftBody
  suspicious?: SuspiciousBody
  head: PictureSide
  base?: PictureSide | null
  /** What was compared with what, one sentence; worked out when absent. */
  judgedOn?: string
  /** Seed of the random sample of pictures: the head commit, say; the labels' digest unless given. */
  seed?: string
  recompute?: string[]
  /** Why no picture may be shown, where none may. */
  withheld?: string
}

/** What a page shows of one kind: how many pictures, and how they were chosen. */
export type Sample = { title: string; shown: number; chosen: string }

/** The check as one HTML file with its pictures; only images that are shown are read. */
export async function checkReport(ports: { images: Images }, report: CheckReport): Promise<string> {
  return (await checkPage(ports, report)).page
}

/** The same, with what was sampled for it. */
export async function checkPage(
  ports: { images: Images },
  report: CheckReport,
): Promise<{ page: string; samples: Sample[] }> {
  const { findings, diff, drift, suspicious, head, base = null } = report
  const seed = report.seed ?? findings.subject.labels ?? 'sluice'
  const groups = [
    ...(diff ? [chooseChanges(head, base, diff, seed)] : []),
    chooseFindings(head, findings.body),
    ...(suspicious ? [chooseDoubts(head, suspicious)] : []),
  ]
  const { pictures, note } =
    report.withheld === undefined
      ? await picturesOf(ports.images, head, groups)
      : { pictures: [], note: report.withheld }
  const samples = pictures.map(({ title, chosen, items }) => ({ title, shown: items.length, chosen }))
  const shown = new Set(findings.body.findings.map(({ image }) => image))
  const named = head.dataset.images.filter(({ name }) => shown.has(name)).map(({ name, split }) => [name, split])
  const page = renderCheckReport({
    title: report.title,
    judgedOn:
      report.judgedOn ?? (base ? 'Compared with its base; only what is new counts.' : 'Judged alone, without a base.'),
    findings,
    ...(diff ? { diff } : {}),
    ...(drift ? { drift } : {}),
    ...(suspicious ? { suspicious } : {}),
    splits: Object.fromEntries(named) as Record<string, string>,
    pictures,
    ...(note ? { pictureNote: note } : {}),
    recompute: report.recompute ?? [],
  })
  return { page, samples }
}

async function picturesOf(
  images: Images,
  { dataset }: PictureSide,
  groups: readonly Chosen[],
): Promise<{ pictures: CheckReportInput['pictures']; note: string }> {
  const asked = groups.reduce((sum, { wanted }) => sum + wanted.length, 0)
  const failed = await bringPictures(groups.flatMap(({ wanted }) => wanted))
  let missing = 0
  const pictures: CheckReportInput['pictures'] = []
  for (const { title, chosen, wanted } of groups) {
    const shown = await showPictures(images, wanted)
    missing += shown.missing
    pictures.push({ title, chosen: chosen(shown.items.length), items: shown.items })
  }
  return { pictures, note: missing === 0 ? '' : missingNote(missing, asked, dataset.imagesPresent === false, failed) }
}

function missingNote(missing: number, asked: number, labelsOnly: boolean, failed: string): string {
  if (failed !== '') return `${missing} of ${asked} chosen pictures are not shown, fetching them failed: ${failed}`
  if (labelsOnly && missing === asked) {
    return 'Labels were checked without their pictures, so none is shown; where the image files are, this page shows them.'
  }
  return `${missing} of ${asked} chosen pictures are not at hand or cannot be read, and are not shown.`
}
