import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const member = 'package/generated/api.github.com.json'

/** The script in a folder of its own, with an npm that gives this archive, or fails. */
function place(pinned: string | null) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-fetch-'))
  const [bin, archive] = [join(folder, 'bin'), join(folder, 'archive.tgz')]
  for (const name of [bin, join(folder, 'scripts'), join(folder, 'package/generated')])
    mkdirSync(name, { recursive: true })
  writeFileSync(join(folder, member), '{"openapi": "3.0.3"}')
  execFileSync('tar', ['-czf', archive, member], { cwd: folder })
  copyFileSync(join(root, 'scripts/fetch-openapi.mjs'), join(folder, 'scripts/fetch-openapi.mjs'))
  const sha512 = pinned ?? createHash('sha512').update(readFileSync(archive)).digest('hex')
  const pin = { package: '@octokit/openapi', version: '1.2.3', member, sha512 }
  writeFileSync(join(folder, 'scripts/openapi.json'), JSON.stringify(pin))
  const npm = (script: string) => {
    writeFileSync(join(bin, 'npm'), `#!/bin/sh\necho "$@" >>${folder}/asked\n${script}\n`)
    chmodSync(join(bin, 'npm'), 0o755)
  }
  // npm pack --silent --pack-destination FOLDER NAME@VERSION
  npm(`cp ${archive} "$4/octokit-openapi-1.2.3.tgz"`)
  const tools = join(folder, '.tools/openapi')
  return {
    npm,
    run: () => {
      const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` }
      const script = join(folder, 'scripts/fetch-openapi.mjs')
      const { status, stderr } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' })
      return { status, stderr }
    },
    asked: () => readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n'),
    left: () => (existsSync(tools) ? readdirSync(tools) : []),
    text: () => readFileSync(join(tools, '1.2.3.json'), 'utf8'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

test('fetches the pinned description once, and leaves nothing else', () => {
  using fetch = place(null)
  expect(fetch.run()).toMatchObject({ status: 0 })
  expect(fetch.text()).toBe('{"openapi": "3.0.3"}')
  expect(fetch.run()).toEqual({ status: 0, stderr: '' })
  expect(fetch.asked()).toHaveLength(1)
  expect(fetch.asked()[0]).toMatch(/^pack .* @octokit\/openapi@1\.2\.3$/)
  expect(fetch.left()).toEqual(['1.2.3.json'])
})

test('an archive that is not the pinned one is refused, and nothing of it is kept', () => {
  using fetch = place('0'.repeat(128))
  const { status, stderr } = fetch.run()
  expect([status, fetch.left()]).toEqual([4, []])
  expect(stderr).toMatch(/is not the pinned one \(sha512 [0-9a-f]{128}\)/)
})

test('a registry that does not answer is told, and a later run fetches', () => {
  using fetch = place(null)
  fetch.npm('echo "npm error network" >&2; exit 1')
  const { status, stderr } = fetch.run()
  expect([status, fetch.left()]).toEqual([4, []])
  expect(stderr).toContain('npm error network')
  expect(stderr).toContain('to mend it: give npm a registry that answers')
})
