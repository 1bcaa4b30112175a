import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../files.ts'
import { type LocalSigstore, localSigstore, newSigstoreKey } from './local-sigstore.ts'

/** The instance of Sigstore of a folder, which keeps its key and its root; made when there is none. */
export async function keptSigstore(folder: string): Promise<LocalSigstore> {
  const keyFile = join(folder, 'key.pem')
  if (!existsSync(keyFile)) writeWhole(keyFile, newSigstoreKey())
  const sigstore = await localSigstore('public', readFileSync(keyFile, 'utf8'))
  // A root is older than what is signed under it: the first one stays.
  const rootFile = join(folder, 'trusted-root.json')
  if (!existsSync(rootFile)) writeWhole(rootFile, sigstore.trustedRoot)
  return { ...sigstore, trustedRoot: readFileSync(rootFile, 'utf8') }
}
