import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type DocumentOf, sha256 } from '../core/documents/define.ts'
import { parseEvidence } from '../core/documents/parse.ts'
import { smoke, trainRun } from '../core/documents/training.ts'
import { EvidenceError } from '../core/errors.ts'
import { readBytes, readText } from './files.ts'

export type ArmFolders = {
  arms: {
    role: 'champion' | 'candidate' | 'control'
    seed: number
    artifact: string
    run: DocumentOf<typeof trainRun>
  }[]
  smoke: DocumentOf<typeof smoke> | null
}

/**
 * Arms as train and smoke-train left them, in folders `arm-ROLE-SEED` and `arm-smoke`. The record must be of that role and
 * seed, and of those very weights.
 */
export function readArms(folder: string): ArmFolders {
  const found: ArmFolders = { arms: [], smoke: null }
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    if (name === 'arm-smoke') {
      const file = join(folder, name, 'smoke.json')
      found.smoke = parseEvidence(smoke, readText(file), file)
    }
    const [, role, seed] = /^arm-(champion|candidate|control)-(\d{1,9})$/.exec(name) ?? []
    if (role === undefined) continue
    const file = join(folder, name, 'train-run.json')
    const run = parseEvidence(trainRun, readText(file), file)
    if (run.body.role !== role || run.body.seed !== Number(seed)) {
      throw otherArm(`this is the record of ${run.body.role}, seed ${run.body.seed}`, file)
    }
    for (const { role: of, path, sha256: digest } of run.body.files) {
      const weights = join(folder, name, path)
      if (of === 'last' && sha256(readBytes(weights)) !== digest) {
        throw otherArm('these weights are not those of the record beside them', weights)
      }
    }
    found.arms.push({
      role: role as ArmFolders['arms'][number]['role'],
      seed: Number(seed),
      artifact: join(folder, name, 'last.onnx'),
      run,
    })
  }
  return found
}

function otherArm(what: string, where: string): EvidenceError {
  return new EvidenceError(what, { reason: 'other-subject', where, mend: 'train this arm again' })
}
