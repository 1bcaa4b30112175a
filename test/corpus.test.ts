import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explain } from '../src/cli/explain.ts'
import type { Command } from '../src/cli/main.ts'
import { seededRandom } from '../src/core/stats/random.ts'
import type { Console } from '../src/ports.ts'

/** What a case of the corpus expects: exit code, the end of the place that is named, words of the message. */
type Expected = { exit: number; where: string; contains: string[]; command?: string[] }

const corpus = fileURLToPath(new URL('corpus', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-corpus-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const cases = (surface: string) => readdirSync(join(corpus, surface))
const expected = (surface: string, name: string) =>
  JSON.parse(readFileSync(join(corpus, surface, name, 'expect.json'), 'utf8')) as Expected
const mostSeconds = 2

/** Eight pictures with a box each, half of them validation; nothing is wrong with them. */
async function soundData(path: string): Promise<void> {
  const random = seededRandom('sound data')
  for (let i = 0; i < 8; i++) {
    const split = i % 2 === 0 ? 'train' : 'val'
    for (const kind of ['images', 'labels']) mkdirSync(join(path, kind, split), { recursive: true })
    const raw = { width: 100, height: 100, channels: 3 as const }
    const picture = sharp(
      Uint8Array.from({ length: 30_000 }, () => random.int(256)),
      { raw },
    ).png()
    writeFileSync(join(path, `images/${split}/${i}.png`), await picture.toBuffer())
    writeFileSync(join(path, `labels/${split}/${i}.txt`), `${i % 4 < 2 ? 0 : 1} 0.5 0.5 0.3${i} 0.4\n`)
  }
}
beforeAll(() => soundData(join(folder, 'sound')))

/** Runs a verb as the command line does; what it says, its exit code and the seconds of processor that it took. */
async function run(args: string[]): Promise<{ exit: number; said: string; seconds: number }> {
  const lines: string[] = []
  const say = (line: string) => void lines.push(line)
  const progress = () => ({ update: () => {}, end: () => {} })
  const console: Console = { print: say, log: say, progress, color: false, interactive: false }
  const [verb, ...rest] = args
  const { command } = (await import(`../src/cli/commands/${verb}.ts`)) as { command: Command }
  const before = process.cpuUsage()
  const exit = await command.run(rest, console).catch((error: unknown) => explain(error, console))
  const { user, system } = process.cpuUsage(before)
  return { exit, said: lines.join('\n'), seconds: (user + system) / 1e6 }
}

async function holds(args: string[], { exit, where, contains }: Expected): Promise<void> {
  const result = await run(args)
  expect(result.said, 'what it says').toSatisfy((said: string) => contains.every((part) => said.includes(part)))
  expect([result.exit, result.said]).toEqual([exit, result.said])
  if (where !== '') expect(result.said).toMatch(new RegExp(`^sluice: .*${where}: `))
  expect(result.said).not.toMatch(/^\s+at .*:\d+:\d+/m)
  expect(result.said).not.toMatch(/^::/m)
  expect(result.said.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  expect(result.seconds).toBeLessThan(mostSeconds)
}

describe('data.yaml', () => {
  test.each(cases('data-yaml'))('%s', async (name) => {
    const path = join(folder, 'data-yaml', name)
    cpSync(join(folder, 'sound'), path, { recursive: true })
    cpSync(join(corpus, 'data-yaml', name), path, { recursive: true })
    rmSync(join(path, 'expect.json'))
    const { where, ...rest } = expected('data-yaml', name)
    await holds(['check', path], { ...rest, where: where === '' ? '' : `data\\.yaml${where}` })
  })
})

describe('specs, migrations, waivers and pipelines', () => {
  test.each(cases('specs'))('%s', async (name) => {
    const path = join(folder, 'specs', name)
    cpSync(join(folder, 'sound'), join(path, 'data'), { recursive: true })
    writeFileSync(join(path, 'data/data.yaml'), 'path: .\ntrain: images/train\nval: images/val\nnames: [a, b]\n')
    cpSync(join(corpus, 'specs', name), path, { recursive: true })
    const { command = ['check', 'dataset-specs/spec.yaml'], ...rest } = expected('specs', name)
    const args = command.map((word) => (existsSync(join(path, word)) ? join(path, word) : word))
    await holds(args, rest)
  })
})
