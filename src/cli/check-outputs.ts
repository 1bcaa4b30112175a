import { existsSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { datasetFolder } from '../adapters/dataset/describe.ts'
import { readText, writeJson, writeWhole } from '../adapters/files.ts'
import type { Opened } from '../adapters/open-dataset.ts'
import { applyTriage, waiversFor } from '../core/check/apply-triage.ts'
import { rules } from '../core/check/rules.ts'
import type { Document } from '../core/documents/define.ts'
import type { FindingsBody } from '../core/documents/findings.ts'
import type { SuspiciousBody } from '../core/documents/operational.ts'
import { parseEvidence } from '../core/documents/parse.ts'
import { triage } from '../core/documents/triage.ts'
import { checkComment } from '../core/render/check-comment.ts'
import { findingsSarif } from '../core/render/findings-sarif.ts'
import type { Examined } from '../journeys/examine-dataset.ts'
import type { Console } from '../ports.ts'

type Findings = Document<'Findings', FindingsBody>

/** Findings after the decisions of reviewers, one file after the other; accepted errors are offered as waivers. */
export function triaged(findings: Findings, files: readonly string[], console: Console): Findings {
  let document = findings
  for (const file of files) {
    const done = applyTriage(document, parseEvidence(triage, readText(file), file))
    document = done.document
    if (done.acceptedErrors.length > 0) console.log(waiversFor(done.acceptedErrors, rules))
  }
  return document
}

export type CheckFiles = { html?: string; md?: string; sarif?: string; json?: string; evidence?: string }
export type Checked = Pick<Examined, 'diff' | 'drift'> & {
  findings: Findings
  suspicious: Document<'Suspicious', SuspiciousBody> | null
  head: Opened
  base: Opened | null
  /** As the user named it. */
  path: string
  version: string
}

/** Writes every file that was asked for; only the page reads pictures, and only those that it shows. */
export async function writeOutputs(files: CheckFiles, checked: Checked): Promise<void> {
  const { findings, diff, drift, suspicious, head, path } = checked
  const { verdict, counts, findings: list } = findings.body
  const bodies = {
    ...(diff ? { diff: diff.body } : {}),
    ...(drift ? { drift: drift.body } : {}),
    ...(suspicious ? { suspicious: suspicious.body } : {}),
  }
  const recompute = [`sluice check ${path}${checked.base ? ` --base ${checked.base.reference}` : ''}`]
  if (files.json) writeJson(files.json, { verdict, counts, findings: list })
  if (files.sarif) {
    const prefix = relative(process.cwd(), datasetFolder(head.dataset)).split(sep).join('/')
    writeWhole(files.sarif, findingsSarif(findings.body, rules, checked.version, prefix))
  }
  if (files.md) writeWhole(files.md, checkComment({ findings, ...bodies, recompute }))
  if (files.evidence && isFolder(files.evidence)) {
    for (const [name, document] of Object.entries({ findings, diff, drift, suspicious }))
      if (document) writeJson(join(files.evidence, `${name}.json`), document)
  } else if (files.evidence) writeJson(files.evidence, findings)
  if (files.html) {
    const [{ checkReport }, { createImages }] = await Promise.all([
      import('../steps/check-report.ts'),
      import('../adapters/images.ts'),
    ])
    const page = await checkReport(
      { images: createImages() },
      {
        title: path,
        findings,
        ...bodies,
        head: sideOf(head),
        base: checked.base ? sideOf(checked.base) : null,
        ...(head.commit === null ? {} : { seed: head.commit }),
        recompute,
      },
    )
    writeWhole(files.html, page)
  }
}

/** A picture of more bytes than this is not shown. */
const mostBytes = 64 * 2 ** 20

/** A version as the page sees it: pictures of a revision are fetched when they are to be shown. */
export function sideOf({ dataset, tree }: Opened) {
  return {
    dataset,
    bring: (files: string[]) => tree.bring(files.filter((file) => !tree.here(file))),
    read: (file: string) => {
      if (!tree.here(file)) return null
      const { bytes, length, size } = tree.read(file, mostBytes)
      return size > length ? null : bytes.subarray(0, length)
    },
  }
}

function isFolder(path: string): boolean {
  return path.endsWith('/') || (existsSync(path) && statSync(path).isDirectory())
}
