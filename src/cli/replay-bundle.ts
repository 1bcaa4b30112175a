import { dirname, resolve } from 'node:path'
import { readEvaluationText } from '../adapters/evaluation-files.ts'
import { readBytes, readText, writeWhole } from '../adapters/files.ts'
import { type DocumentOf, sha256 } from '../core/documents/define.ts'
import { parseEvidence } from '../core/documents/parse.ts'
import { printable } from '../core/documents/printable.ts'
import { judging } from '../core/documents/promotion.ts'
import { parseAnyEvidence } from '../core/documents/registry.ts'
import type { releaseManifest } from '../core/documents/release.ts'
import type { verdict as verdictKind } from '../core/documents/verdict.ts'
import { exitCodes } from '../core/errors.ts'
import type { Console } from '../ports.ts'
import { predictionsOf, readBundle } from '../steps/bundle.ts'
import { type ReplayLine, replay, replayedBundle } from '../steps/replay.ts'

/** `sluice gate --replay BUNDLE`: a difference is exit code 1, else the verdict's own. */
export function replayBundle(file: string, console: Console): number {
  const bytes = readBytes(file)
  const bundle = readBundle(bytes, file)
  const lines = replay(bundle)
  printLines(lines, console)
  const { model, version } = bundle.manifest.body
  const { verdict } = bundle.verdict.body
  const failed = lines.some((one) => one.verdict === 'fail')
  console.print('')
  console.print(`bundle ${sha256(bytes)}`)
  console.print(
    printable(
      failed
        ? `${model} ${version}: FAIL. What the bundle states does not follow from what is in it.`
        : `${model} ${version}: ${verdict.toUpperCase()}. This proves the arithmetic, not where the predictions came from.`,
    ),
  )
  return failed ? exitCodes.fail : exitCodes[verdict]
}

/** Prints what a check found, a line each. */
function printLines(lines: readonly ReplayLine[], console: Console): void {
  const width = Math.max(...lines.map(({ check }) => check.length))
  for (const { check, verdict, proof, reason } of lines) {
    console.print(printable(`${verdict.padEnd(12)}  ${proof.padEnd(10)}  ${check.padEnd(width)}  ${reason}`))
  }
}

/** Writes a release's bundle; EvidenceError unless the verdict follows from what will be in it. */
export function writeBundleFile(
  input: {
    file: string
    judging: string
    verdict: DocumentOf<typeof verdictKind>
    evidenceFiles: readonly string[]
  },
  manifest: DocumentOf<typeof releaseManifest>,
): void {
  const predictions = new Map<string, string>()
  const evidence = input.evidenceFiles.map((path) => {
    const document = parseAnyEvidence(readText(path), path)
    const digest = predictionsOf(document)
    if (digest !== null) predictions.set(digest, readEvaluationText(path))
    return document
  })
  const bundle = {
    manifest,
    verdict: input.verdict,
    judging: parseEvidence(judging, readText(input.judging), input.judging),
    evidence,
    predictions,
  }
  writeWhole(input.file, replayedBundle(bundle, resolve(dirname(input.judging))))
}
