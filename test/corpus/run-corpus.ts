import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect } from 'vitest'
import type { Command } from '../../src/cli/main.ts'
import type { Finding } from '../../src/core/documents/findings.ts'
import type { Console } from '../../src/ports.ts'

/** expect.json of a case: what the command must answer to the files beside it. */
export type Expected = {
  /** Command line; "." is the folder with the case's files. Without it: check . */
  command?: string[]
  exit: number
  /** Of a finding that there must be. */
  rule?: string
  severity?: Finding['severity']
  file?: string
  line?: number
  /** Parts of what is printed, or of that finding's message. */
  contains?: string[]
  /** Nothing may be found, informations apart. */
  silent?: boolean
}

export type Case = { name: string; folder: string; expected: Expected }

export type Answer = { exit: number; text: string; findings: Finding[]; milliseconds: number; mebibytes: number | null }

const corpus = fileURLToPath(new URL('.', import.meta.url))
const program = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const memory = fileURLToPath(new URL('./report-memory.mjs', import.meta.url))

/** The cases of one folder of the corpus, by name. */
export function casesOf(surface: string): Case[] {
  return readdirSync(join(corpus, surface), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const folder = join(corpus, surface, name)
      return { name, folder, expected: JSON.parse(readFileSync(join(folder, 'expect.json'), 'utf8')) as Expected }
    })
}

/**
 * Runs a case on a copy of its files. `prepare` adds what is not kept in git (images, large files); `alone` runs the
 * real command in a process of its own, whose peak memory is measured.
 */
export async function runCase(
  { folder, expected }: Pick<Case, 'expected'> & { folder?: string },
  options: { prepare?: (folder: string) => Promise<void> | void; alone?: boolean } = {},
): Promise<Answer> {
  const place = mkdtempSync(join(tmpdir(), 'sluice-corpus-'))
  const files = join(place, 'case')
  try {
    if (folder) cpSync(folder, files, { recursive: true, filter: (path) => !path.endsWith('expect.json') })
    else mkdirSync(files)
    await options.prepare?.(files)
    const report = join(place, 'findings.json')
    const [verb = 'check', ...rest] = expected.command ?? ['check', '.']
    const args = rest.map((word) => (word === '.' || word.startsWith('./') ? join(files, word) : word))
    if (verb === 'check') args.push('--json', report)
    const began = performance.now()
    const answer = options.alone ? await inProcess(verb, args, place) : await here(verb, args)
    const milliseconds = performance.now() - began
    const told = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as { findings: Finding[] }) : null
    return { ...answer, text: answer.text.replaceAll(files, '.'), findings: told?.findings ?? [], milliseconds }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

async function inProcess(verb: string, args: string[], place: string) {
  const peak = join(place, 'peak')
  const run = await execa(process.execPath, ['--import', memory, program, verb, ...args], {
    ...{ reject: false, all: true, env: { SLUICE_TEST_PEAK: peak } },
  })
  const mebibytes = existsSync(peak) ? Number(readFileSync(peak, 'utf8')) / 1024 : null
  return { exit: run.exitCode ?? -1, text: run.all ?? '', mebibytes }
}

/** The command in this process, as main.ts runs it, with a console that keeps what is said. */
async function here(verb: string, args: string[]) {
  const { explain } = await import('../../src/cli/explain.ts')
  const { command } = (await import(`../../src/cli/commands/${verb}.ts`)) as { command: Command }
  const said: string[] = []
  const keep = (line: string) => void said.push(line)
  const progress = () => ({ update: () => {}, end: () => {} })
  const console: Console = { print: keep, log: keep, progress, color: false, interactive: false }
  let exit: number
  try {
    exit = await command.run(args, console)
  } catch (error) {
    exit = explain(error, console)
  }
  return { exit, text: said.join('\n'), mebibytes: null }
}

/** The promises that hold for every case, then what the case itself expects. */
export function assertAnswer({ name, expected }: Pick<Case, 'name' | 'expected'>, answer: Answer): void {
  const { exit, text, findings } = answer
  expect(text, `${name}: a stack trace or a bug`).not.toMatch(/^\s+at .+:\d+:\d+\)?$|this is a bug in sluice/m)
  expect(text, `${name}: a workflow command`).not.toMatch(/^\s*(?:::|##\[)/m)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come through
  expect(text, `${name}: control characters of the data`).not.toMatch(
    /[\u0000-\u0008\u000b-\u001f\u007f\u0080-\u009f\u202a-\u202e\u2066-\u2069]/,
  )
  if (answer.mebibytes !== null) expect(answer.mebibytes, `${name}: peak memory`).toBeLessThan(512)
  const loud = findings.filter(({ severity }) => severity !== 'info')
  if (expected.silent) expect(loud, name).toEqual([])
  const { rule, severity, file, line, contains = [] } = expected
  const wanted = {
    ...(rule ? { rule } : {}),
    ...(severity ? { severity } : {}),
    ...(file ? { file } : {}),
    ...(line === undefined ? {} : { line }),
  }
  let place = text
  if (rule) {
    const found = findings.find((finding) =>
      Object.entries(wanted).every(([key, value]) => finding[key as 'rule'] === value),
    )
    const all = findings.map((one) => `${one.severity} ${one.rule} ${one.file}:${one.line}: ${one.message}`)
    expect(found, `${name}: no ${JSON.stringify(wanted)} among\n${all.join('\n')}\n${text}`).toBeDefined()
    place = `${found?.message} ${found?.mend}`
  } else if (file) expect(text, name).toContain(line === undefined ? file : `${file}:${line}`)
  for (const part of contains) expect(place, name).toContain(part)
  expect(exit, `${name}: exit code; said\n${text}`).toBe(expected.exit)
}
