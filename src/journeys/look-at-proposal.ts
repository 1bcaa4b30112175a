import { type DocumentOf, sha256 } from '../core/documents/define.ts'
import type { findings } from '../core/documents/findings.ts'
import { picturesSeen } from '../core/documents/pictures.ts'
import { UsageError } from '../core/errors.ts'
import { pictureWords } from '../core/render/picture-words.ts'
import type { Images } from '../ports.ts'
import type { CheckOptions } from '../steps/check.ts'
import { checkPage } from '../steps/check-report.ts'
import type { PictureSide } from '../steps/show-pictures.ts'
import { examineDataset } from './examine-dataset.ts'

export type SeenProposal = {
  findings: DocumentOf<typeof findings>
  pictures: DocumentOf<typeof picturesSeen>
  page: string
  /** One sentence on what was looked at and shown. */
  words: string
}

/** Why the page of a run shows no picture, undefined where it may: a page is read by whoever reads the repository. */
export function withheldBecause(show: string, isPrivate: boolean): string | undefined {
  if (show !== '' && show !== 'always' && show !== 'never') {
    throw new UsageError(`${JSON.stringify(show)} is neither always nor never`, {
      where: 'show',
      mend: 'mend the variable SLUICE_PICTURES, or leave it away: a repository that is not public then shows pictures',
    })
  }
  if (show === 'never') return 'the page shows no pictures, as this repository says'
  return show === 'always' || isPrivate
    ? undefined
    : 'the page shows no pictures: this repository is public, and does not say that its pictures may be'
}

const short = (sha: string) => sha.slice(0, 12)

/** Judges a proposal whose pictures were looked at, and draws the page of it. */
export async function lookAtProposal(
  ports: { images: Images },
  about: {
    path: string
    headSha: string
    /** Empty without a base. */
    baseSha: string
    rules: Omit<CheckOptions, 'base'>
    head: PictureSide
    base: PictureSide | null
    withheld?: string | undefined
  },
): Promise<SeenProposal> {
  const { path, headSha, baseSha, rules, head, base, withheld } = about
  const { findings, diff, drift } = examineDataset(head.dataset, { ...rules, base: base?.dataset ?? null })
  const again = `sluice check ${path}${base ? ` --base ${short(baseSha)}` : ''} --pixels all`
  const { page, samples } = await checkPage(ports, {
    ...{ title: path, findings, head, base, seed: headSha, recompute: [again] },
    ...(base ? { judgedOn: `Commit ${short(headSha)} against ${short(baseSha)}; only what is new counts.` } : {}),
    ...(diff ? { diff: diff.body } : {}),
    ...(drift ? { drift: drift.body } : {}),
    ...(withheld === undefined ? {} : { withheld: `${withheld[0]?.toUpperCase()}${withheld.slice(1)}.` }),
  })
  const pictures = picturesSeen.make(findings.subject, {
    headSha,
    images: head.dataset.images.length,
    looked: head.dataset.images.filter(({ look }) => look).length,
    samples,
    page: { bytes: Buffer.byteLength(page), sha256: sha256(page) },
    ...(withheld === undefined ? {} : { withheld }),
  })
  const { counts } = findings.body
  const words = `Pictures: ${pictureWords(pictures.body)}. With them: ${counts.error} new errors, ${counts.warning} new warnings.`
  return { findings, pictures, page, words }
}
