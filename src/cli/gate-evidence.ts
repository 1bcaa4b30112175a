import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readEvaluation } from '../adapters/evaluation-files.ts'
import { readText } from '../adapters/files.ts'
import type { Document } from '../core/documents/define.ts'
import { parseAnyEvidence } from '../core/documents/registry.ts'
import { EvidenceError } from '../core/errors.ts'
import { verifyNumbers } from '../steps/verify-evaluation.ts'

const largestEvidence = 64 * 1024 * 1024
/** Documents are five or six deep; what a trainer or a router was given may be deeper. */
const mostDepth = 200

/** Documents of a file or a folder; in a folder, JSON that says no kind (predictions, logs) is passed over. */
export function readEvidence(path: string): { documents: Document[]; skipped: number } {
  if (!existsSync(path))
    throw new EvidenceError('there is no such evidence', { reason: 'absent', where: path, mend: 'check the path' })
  if (!lstatSync(path).isDirectory()) return { documents: [readDocument(soundText(path), path)], skipped: 0 }
  const documents: Document[] = []
  let skipped = 0
  for (const file of jsonFiles(path).sort()) {
    if (lstatSync(file).size > largestEvidence) skipped++
    else {
      const text = readText(file)
      // Only what claims to be a document has to be a sound one.
      if (/"kind"\s*:/.test(text) && /"body"\s*:/.test(text)) documents.push(readDocument(shallow(text, file), file))
      else skipped++
    }
  }
  return { documents, skipped }
}

/** An evaluation of a model whose predictions lie beside it must follow from them; a number edited by hand does not. */
function readDocument(text: string, file: string): Document {
  const document = parseAnyEvidence(text, file)
  if (document.kind !== 'Evaluation' || document.subject.serving === undefined) return document
  const { predictions } = document.body as { predictions: { file: string } | null }
  if (predictions === null || !existsSync(join(dirname(file), predictions.file))) return document
  const read = readEvaluation(file)
  verifyNumbers(read.document, read.predictions, file)
  return document
}

/** JSON files of a folder and those below it; no link is followed, it could lead anywhere and round in circles. */
function jsonFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return jsonFiles(path)
    return entry.isFile() && entry.name.endsWith('.json') ? [path] : []
  })
}

function soundText(path: string): string {
  const { size } = statSync(path)
  if (size > largestEvidence)
    throw new EvidenceError(`evidence of ${size} bytes, more than ${largestEvidence}`, {
      reason: 'malformed',
      where: path,
      mend: 'give the document, its predictions lie beside it',
    })
  return shallow(readText(path), path)
}

/** Refuses what is nested deeper than any document: parsing it would take more memory than there is. */
function shallow(text: string, file: string): string {
  let depth = 0
  let inText = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inText) {
      if (code === 0x5c) i++
      else if (code === 0x22) inText = false
    } else if (code === 0x22) inText = true
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > mostDepth)
        throw new EvidenceError(`nested more than ${mostDepth} deep`, { reason: 'malformed', where: file })
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return text
}
