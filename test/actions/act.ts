import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

const root = fileURLToPath(new URL('../..', import.meta.url))
export const tool = (name: 'act' | 'actionlint') => join(root, '.tools/bin', name)

/** Installs act and actionlint when they are not there; a second call is quick. */
export async function installTools(): Promise<void> {
  await execa(join(root, 'scripts/install-ci-tools.sh'), { timeout: 540_000 })
}
