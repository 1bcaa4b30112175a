import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDeclared } from '../../src/adapters/dataset/declared.ts'
import { checkExemplars } from '../../src/adapters/dataset/exemplars.ts'
import { readSpec } from '../../src/adapters/dataset.ts'
import { signatureOf, specDigest, specProblems } from '../../src/core/dataset/label-spec.ts'
import { type DatasetSpecBody, datasetSpec } from '../../src/core/documents/declared.ts'
import { parseDeclared } from '../../src/core/documents/parse.ts'
import { signedText } from '../../src/core/documents/sign-text.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-sign-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (...parts: string[]) => join(folder, ...parts)
const sluice = (...args: string[]) =>
  execa(process.execPath, [join(root, 'bin/sluice.mjs'), ...args], { reject: false, cwd: at('repository') })
const yaml = `# what a yard is
name: yard
path: data # beside this folder
format: yolo
classes: [a, b]
labels:
  rules:
    - { id: whole, class: a, include: all of it, exemplars: [pictures/a.png] }
splits: { groupBy: [scene], val: 0.2 }
`
const parse = (text: string) => parseDeclared(datasetSpec, text, 'spec.yaml', specProblems)

beforeAll(async () => {
  for (const path of ['.git', 'dataset-specs', 'data', 'pictures'])
    mkdirSync(at('repository', path), { recursive: true })
  const picture = sharp({ create: { width: 40, height: 40, channels: 3, background: 'red' } }).png()
  writeFileSync(at('repository/pictures/a.png'), await picture.toBuffer())
  cpSync(at('repository/pictures/a.png'), at('outside.png'))
  writeFileSync(at('repository/dataset-specs/yard.yaml'), yaml)
})

describe('sluice sign', () => {
  const file = 'dataset-specs/yard.yaml'
  const read = () => readFileSync(at('repository', file), 'utf8')

  test('tells the digest and that nobody signed, with exit code 1', async () => {
    const { exitCode, stdout, stderr } = await sluice('sign', file)
    expect([exitCode, stdout]).toEqual([1, specDigest(parse(yaml))])
    expect(stderr).toContain('not signed')
  })

  test('adds its block and keeps all else byte for byte; a second approver joins the first', async () => {
    expect((await sluice('sign', file, '--by', 'Ana Roca', '--on', '2026-11-22')).exitCode).toBe(0)
    expect(read().startsWith(yaml)).toBe(true)
    expect((await sluice('sign', file, '--by', 'Bo "B" Li', '--on', '2026-11-23')).exitCode).toBe(0)
    expect(parse(read()).signedOff).toEqual({
      by: ['Ana Roca', 'Bo "B" Li'],
      on: '2026-11-23',
      digest: specDigest(parse(yaml)),
    })
    const before = read()
    expect((await sluice('sign', file, '--by', 'Ana Roca')).stdout).toContain('nothing to do')
    expect(read()).toBe(before)
    expect((await sluice('sign', file)).exitCode).toBe(0)
  })

  test('a change of a word voids it, and those who signed before have to sign again', async () => {
    writeFileSync(at('repository', file), read().replace('all of it', 'most of it'))
    const told = await sluice('sign', file)
    expect([told.exitCode, told.stderr]).toEqual([1, expect.stringContaining('changed since Ana Roca, Bo "B" Li')])
    await sluice('sign', file, '--by', 'Bo')
    expect(parse(read()).signedOff?.by).toEqual(['Bo'])
  })
})

describe('a signature', () => {
  test.each([
    ['a comment', yaml.replace('# what a yard is', '# something else')],
    ['another order of keys', yaml.replace('format: yolo\n', '').replace('name: yard', 'format: yolo\nname: yard')],
    ['another way of writing', yaml.replace('[a, b]', '\n  - a\n  - "b"')],
  ])('survives %s', (_, text) => expect(specDigest(parse(text))).toBe(specDigest(parse(yaml))))

  test.each([
    ['a class', yaml.replace('[a, b]', '[a, b, c]')],
    ['the order of classes', yaml.replace('[a, b]', '[b, a]')],
    ['a limit', yaml.replace('all of it,', 'all of it, limits: { maximumOcclusion: 0.5 },')],
    ['a share', yaml.replace('0.2', '0.25')],
  ])('does not survive a change of %s', (_, text) => {
    const signed = parse(signedText(yaml, { by: ['ana'], on: '2026-11-22', digest: specDigest(parse(yaml)) }, 'x'))
    expect(signatureOf(signed)).toBe('signed')
    expect(signatureOf({ ...parse(text), signedOff: signed.signedOff as NonNullable<typeof signed.signedOff> })).toBe(
      'changed',
    )
  })

  test('takes the place of the one before it, wherever that stood', () => {
    const signature = { by: ['bo'], on: '2026-11-23', digest: 'a'.repeat(64) }
    for (const old of [
      'signedOff: { by: [ana], on: 2026-11-22 } # old\n',
      'signedOff:\n  by:\n    - ana\n  on: 2026-11-22\n',
    ]) {
      for (const text of [old + yaml, yaml + old, (yaml + old).trimEnd()]) {
        const signed = signedText(text, signature, 'x')
        expect(parse(signed).signedOff).toEqual(signature)
        expect(signed.split('signedOff:')[0]).toBe(yaml)
      }
    }
  })
})

describe('exemplars', () => {
  const problems = async (...exemplars: string[]) => {
    const spec: DatasetSpecBody = { ...parse(yaml), labels: { rules: [{ class: 'a', include: 'x', exemplars }] } }
    return (await checkExemplars(spec, at('repository'))).map(({ code, message }) => `${code} ${message}`)
  }
  test('that exist inside the repository and decode are sound', async () => {
    expect(await problems('pictures/a.png')).toEqual([])
  })
  test('that are missing, broken, a folder or beyond the repository are told, each with its rule', async () => {
    writeFileSync(at('repository/pictures/cut.png'), readFileSync(at('outside.png')).subarray(0, 60))
    symlinkSync(at('outside.png'), at('repository/pictures/link.png'))
    mkdirSync(at('repository/pictures/folder.png'))
    expect(
      await problems('x.png', 'pictures/cut.png', 'pictures/link.png', 'pictures/folder.png', '../outside.png'),
    ).toEqual([
      expect.stringMatching(/^spec-exemplar rule "a": the exemplar "x.png" is not there$/),
      expect.stringContaining('"pictures/cut.png" cannot be decoded'),
      expect.stringContaining('"pictures/link.png" is a link that leaves the repository'),
      expect.stringContaining('"pictures/folder.png" is no file'),
      expect.stringContaining('"../outside.png" leaves the repository'),
    ])
  })
})

test('what stands beside a data set is read as the check takes it: spec, base spec, migrations, exemplars', async () => {
  const repository = at('repository')
  mkdirSync(join(repository, 'dataset-specs/migrations'))
  writeFileSync(
    join(repository, 'dataset-specs/migrations/1.yaml'),
    'name: m\nfrom: [b, a]\nto: [a, b]\nreorder: true\n',
  )
  writeFileSync(join(repository, 'dataset-specs/new.yaml'), yaml.replace('pictures/a.png', 'pictures/b.png'))
  writeFileSync(join(repository, 'dataset-specs/old.yaml'), yaml)
  const declared = await readDeclared(
    join(repository, 'dataset-specs/new.yaml'),
    join(repository, 'dataset-specs/old.yaml'),
  )
  expect(declared.baseSpec).toEqual(readSpec(join(repository, 'dataset-specs/old.yaml'))?.body)
  expect(declared.migrations.map(({ name }) => name)).toEqual(['m'])
  expect(declared.defects.map(({ key }) => key)).toEqual(['pictures/b.png'])
  expect(await readDeclared(join(repository, 'data'), null)).toMatchObject({ spec: null, baseSpec: null, defects: [] })
})

test('the spec that ships is signed', () => {
  const text = readFileSync(join(root, 'dataset-specs/worksite.yaml'), 'utf8')
  expect(signatureOf(parse(text))).toBe('signed')
})
