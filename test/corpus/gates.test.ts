import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseAnyEvidence } from '../../src/core/documents/registry.ts'
import { EvidenceError } from '../../src/core/errors.ts'
import { assertAnswer, casesOf, type Expected, runCase } from './run-corpus.ts'

const corpus = fileURLToPath(new URL('.', import.meta.url))

describe.each(['policies', 'evidence', 'results-csv'])('%s: each bad file has its answer, and no good one is blamed', (surface) => {
  test.each(casesOf(surface).map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const answer = await runCase(one)
    assertAnswer(one, answer)
    expect(answer.milliseconds).toBeLessThan(20_000)
  })
})

test('evidence that is cut at any byte is malformed, and nothing else', () => {
  const text = readFileSync(join(corpus, 'evidence/good/evidence.json'), 'utf8')
  expect(text.length).toBeGreaterThan(500)
  for (let end = 0; end < text.length; end++) {
    let caught: unknown = null
    try {
      parseAnyEvidence(text.slice(0, end), 'evidence.json')
    } catch (error) {
      caught = error
    }
    expect(caught, `${end}`).toBeInstanceOf(EvidenceError)
    expect((caught as EvidenceError).reason).toBe('malformed')
  }
})

describe('hostile and heavy evidence, by the real command in a process of its own: below 512 MB', () => {
  const good = join(corpus, 'evidence/good')
  const heavy: [string, Expected, (folder: string) => void][] = [
    [
      'brackets alone, 20 MB',
      { command: ['gate', './policy.yaml', '--evidence', './evidence.json'], exit: 2, contains: ['evidence.json'] },
      (folder) => writeFileSync(join(folder, 'evidence.json'), '['.repeat(20_000_000)),
    ],
    [
      'a results.csv of 100 MB',
      { command: ['lint', './results.csv'], exit: 2, contains: ['more than 16 MB'] },
      (folder) => writeFileSync(join(folder, 'results.csv'), Buffer.alloc(100 * 2 ** 20, 'epoch,1\n')),
    ],
    [
      'a folder in which a file of 70 MB claims to be evidence, and a loop of links',
      { command: ['gate', './policy.yaml', '--evidence', './many'], exit: 3, contains: ['1 JSON file is no document and not read'] },
      (folder) => {
        mkdirSync(join(folder, 'many'))
        writeFileSync(join(folder, 'many/large.json'), `{"kind":"Evaluation","body":"${'x'.repeat(70 * 2 ** 20)}"}`)
        symlinkSync('..', join(folder, 'many/loop'))
        symlinkSync('/etc/passwd', join(folder, 'many/link.json'))
      },
    ],
  ]
  test.each(heavy)('%s', async (name, expected, write) => {
    const answer = await runCase({ folder: good, expected }, { prepare: write, alone: true })
    assertAnswer({ name, expected }, answer)
  })
})
