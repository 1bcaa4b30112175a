import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { verbs } from '../bin/verbs.mjs'
import { exitCodes } from '../src/core/errors.ts'
import { gateKinds } from '../src/core/judge/gates/all.ts'
import { readPolicy } from '../src/core/judge/policy.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root })
const pages = [...new Set(listed.toString().trim().split('\n'))]
  .filter((page) => !page.startsWith('test/') && existsSync(join(root, page)))
  .map((page) => ({ page, text: readFileSync(join(root, page), 'utf8') }))
const known = new Map<string, string>()
for (const [verb] of verbs) {
  const { usage } = (await import(`../src/cli/usage/${verb}.ts`)) as { usage: string }
  known.set(verb, usage)
}

/** Fenced blocks line by line, a line that ends in \ joined to the next, and code spans of all other text. */
function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```.*\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
  const spans = text.replaceAll(/^```.*\n[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)
  return [
    ...blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, ' ').split('\n')),
    ...[...spans].map(([, span = '']) => span),
  ]
}

const slug = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

/** Relative links that lead nowhere, their fragments included. */
function deadLinks(page: string, text: string): string[] {
  const prose = text.replaceAll(/^```.*\n[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '')
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false
    const [path = '', fragment] = link.split('#')
    const file = path === '' ? join(root, page) : join(root, dirname(page), path)
    if (!existsSync(file)) return true
    if (!fragment) return false
    const headings = [...(path === '' ? text : readFileSync(file, 'utf8')).matchAll(/^#+ (.+)$/gm)]
    return !headings.some(([, heading = '']) => slug(heading) === fragment)
  })
}

/** What is wrong with a command line of sluice: its verb, or an option that it does not name; `/sluice …` is a comment’s. */
function wrongCommands(line: string): string[] {
  return [...line.matchAll(/(?<!\/)\bsluice ([a-z]+)([^·|&;#]*)/g)].flatMap(([whole, verb = '', rest = '']) => {
    const usage = known.get(verb)
    if (usage === undefined) return [`no such verb: ${whole}`]
    const options = rest.match(/(?<=\s)--[a-z-]+/g) ?? []
    return options.filter((option) => option !== '--help' && !new RegExp(`${option}(?![a-z-])`).test(usage))
  })
}

const folders = /^(?:src|test|docs|scripts|gates|pipelines|actions|dataset-specs|channels|bin|\.ci|\.github)\//
const ofGithub =
  /^actions\/(?:checkout|setup-node|upload-artifact|download-artifact|create-github-app-token|attest-build-provenance)(?:@|$)/
/** Paths of this repository that a page names in code and that are not there; those with a placeholder are none. */
function missingPaths(text: string): string[] {
  const words = codeOf(text).flatMap((line) => line.split(/[\s=,]+/))
  return words.filter(
    (word) =>
      folders.test(word) &&
      !ofGithub.test(word) &&
      !/[<>*{}…$]|NAME|\bID\b/.test(word) &&
      !existsSync(join(root, word)),
  )
}

const rows = (page: string) =>
  (pages.find((entry) => entry.page === page)?.text ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))

test('the list of verbs and the commands agree', () => {
  const files = readdirSync(join(root, 'src/cli/commands')).map((file) => file.replace(/\.ts$/, ''))
  expect(verbs.map(([verb]) => verb).sort()).toEqual(files.sort())
  expect(verbs.flatMap(([, , example]) => wrongCommands(example))).toEqual([])
  expect(verbs.filter(([verb, , example]) => !example.startsWith(`sluice ${verb}`))).toEqual([])
})

test.each(pages)('$page: links lead somewhere, commands and options exist, paths are there', ({ page, text }) => {
  expect(deadLinks(page, text)).toEqual([])
  expect(codeOf(text).flatMap(wrongCommands)).toEqual([])
  // Paths in a user's own repository stand in these pages.
  if (
    !['docs/github.md', 'docs/install.md', 'docs/promotion.md', 'docs/rollout.md', 'channels/README.md'].includes(page)
  )
    expect(missingPaths(text)).toEqual([])
})

test('a dead link, an unknown verb, an unknown option and a missing path are found', () => {
  expect(
    deadLinks('README.md', '[a](docs/nowhere.md) [b](docs/gates.md#nothing) [c](docs/gates.md#gate-kinds)'),
  ).toEqual(['docs/nowhere.md', 'docs/gates.md#nothing'])
  expect(codeOf('`sluice chek x`\n```sh\nsluice check a \\\n  --nothing\n```\n').flatMap(wrongCommands)).toEqual([
    '--nothing',
    'no such verb: sluice chek x',
  ])
  expect(missingPaths('`test/nothing.test.ts` `test/docs.test.ts` `src/core/<x>.ts`')).toEqual(['test/nothing.test.ts'])
})

test('the README lists every verb and every exit code, and no other', () => {
  const cells = rows('README.md').map(([, first = '']) => first)
  const named = cells.flatMap((cell) => [...cell.matchAll(/`([a-z]+)`/g)].map(([, verb = '']) => verb))
  expect(named.sort()).toEqual(verbs.map(([verb]) => verb).sort())
  const codes = cells.filter((cell) => /^\d$/.test(cell)).map(Number)
  expect(codes).toEqual(Object.values(exitCodes).sort())
})

test('coverage has each row once; a row that is not open names a command and tests that exist', () => {
  const covered = rows('docs/coverage.md').filter(([, id = '']) => /^[A-Z]\d+$/.test(id))
  const ids = covered.map(([, id]) => id)
  expect(ids.length).toBe(51)
  expect(new Set(ids).size).toBe(ids.length)
  for (const [, id, , command = '', proof = '', state = ''] of covered) {
    const open = state.startsWith('not yet')
    expect([id, /^(?:done|first form|not yet)/.test(state)]).toEqual([id, true])
    expect([id, /`sluice [a-z]+/.test(command)]).toEqual([id, !open])
    const tests = [...proof.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, path = '']) => path)
    expect([id, tests.length > 0]).toEqual([id, !open])
    expect([id, tests.filter((path) => !existsSync(join(root, path)))]).toEqual([id, []])
  }
})

const ofGates = pages.find(({ page }) => page === 'docs/gates.md')?.text ?? ''
const sections = new Map(
  ofGates
    .split(/^### /m)
    .map((section) => [section.slice(0, section.indexOf('\n')), section.slice(section.indexOf('\n'))]),
)
const policyOf = (text: string) =>
  [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, yaml = '']) =>
    readPolicy(`name: example\ngates:\n${yaml.replaceAll(/^/gm, '  ')}`, 'example.yaml'),
  )

test.each(gateKinds)(
  'the page of gates has a section of $name: measures, when it passes and fails, a policy',
  (kind) => {
    const section = sections.get(kind.name) ?? ''
    for (const { name, unit, limit } of kind.measures)
      expect(section).toMatch(new RegExp(`^\\| \`${name}\` \\|.*\\| ${unit} \\|.*\`${limit}\``, 'm'))
    expect(section).toMatch(/^```text\n(?:.*\n)*?.*\bpass .*\n(?:.*\n)*?.*\bfail /m)
    expect(section).toContain(`Too little evidence: ${kind.tooLittle}`)
    const lines = policyOf(section).flatMap(({ gates = [] }) => gates)
    expect(new Set(lines.map(({ gate }) => gate))).toEqual(new Set([kind.name]))
  },
)

test('every policy on the page of gates is one, and a mistyped one is refused', () => {
  expect(policyOf(ofGates).length).toBeGreaterThan(gateKinds.length)
  expect(() => policyOf('```yaml\n- { gate: minimun, evidence: Evaluation, atLeast: 0.4 }\n```\n')).toThrow('minimum')
})
