// Fetches GitHub's own description of its REST interface and webhooks, which the tests hold the local forge to, into
// .tools/openapi; quick when it is there. It is not part of sluice. Node built-ins only; runs on Node 20 and newer.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const pin = JSON.parse(readFileSync(join(root, 'scripts/openapi.json'), 'utf8'))
const folder = join(root, '.tools/openapi')
const file = join(folder, `${pin.version}.json`)

function stop(what, mend) {
  process.stderr.write(`sluice set-up: ${what}\n  to mend it: ${mend}\n`)
  process.exitCode = 4
}

function fetchDescription() {
  process.stderr.write(`sluice set-up: GitHub's description of its interface ${pin.version} …\n`)
  mkdirSync(folder, { recursive: true })
  // Two at once fetch into folders of their own, and the last rename wins: both are the same file.
  const own = mkdtempSync(join(folder, 'fetch-'))
  try {
    const packed = ['pack', '--silent', '--pack-destination', own, `${pin.package}@${pin.version}`]
    execFileSync('npm', packed, {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    })
    const [name] = readdirSync(own)
    if (!name) return stop(`npm gave no ${pin.package}`, 'look at the registry that npm is set to')
    const archive = readFileSync(join(own, name))
    const digest = createHash('sha512').update(archive).digest('hex')
    if (digest !== pin.sha512) {
      return stop(`${pin.package}@${pin.version} is not the pinned one (sha512 ${digest})`, 'see who changed it')
    }
    const member = execFileSync('tar', ['-xzOf', name, pin.member], { cwd: own, maxBuffer: 2 ** 26 })
    writeFileSync(join(own, 'description.json'), member)
    renameSync(join(own, 'description.json'), file)
  } catch (error) {
    stop(
      `${pin.package} was not fetched: ${error.message}`,
      'give npm a registry that answers; it is safe to run again',
    )
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

if (!existsSync(file)) fetchDescription()
