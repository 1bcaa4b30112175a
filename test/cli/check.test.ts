import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDataset } from '../../src/adapters/dataset.ts'
import type { Finding } from '../../src/core/documents/findings.ts'
import { findings } from '../../src/core/documents/findings.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { checkDataset } from '../../src/steps/check.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const corpus = join(root, 'test/corpus')
const folder = mkdtempSync(join(tmpdir(), 'sluice-check-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (...parts: string[]) => join(folder, ...parts)
const sluice = (...args: string[]) =>
  execa(process.execPath, [join(root, 'bin/sluice.mjs'), ...args], { reject: false, cwd: folder })

/** A picture of 100 × 100 px whose bytes are its own. */
const picture = (seed: number) =>
  sharp({ create: { width: 100, height: 100, channels: 3, background: { r: seed % 256, g: seed >> 8, b: 7 } } })
    .png()
    .toBuffer()
const put = (path: string, content: string | Uint8Array) => {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
}
async function soundFolder(path: string, count = 8): Promise<void> {
  for (let i = 0; i < count; i++) {
    const split = i % 2 === 0 ? 'train' : 'val'
    put(join(path, `images/${split}/${i}.png`), await picture(i))
    put(join(path, `labels/${split}/${i}.txt`), `${i % 4 < 2 ? 0 : 1} 0.5 0.5 0.${2 + i} 0.4\n`)
  }
  put(join(path, 'data.yaml'), 'path: .\ntrain: images/train\nval: images/val\nnames: [a, b]\n')
}
beforeAll(() => soundFolder(at('sound')))

describe('label corpus', () => {
  type Expected = { findings: { rule: string; line: number; column: number; contains: string }[] }
  const cases = readdirSync(join(corpus, 'labels'))
  let found: Finding[] = []
  beforeAll(async () => {
    for (const [i, name] of cases.entries()) {
      put(at('corpus/images', `${name}.png`), await picture(1000 + i))
      cpSync(join(corpus, 'labels', name, 'input.txt'), at('corpus/labels', `${name}.txt`))
    }
    put(at('corpus/splits/train.txt'), cases.map((name) => `images/${name}.png\n`).join(''))
    put(at('corpus/data.yaml'), 'path: .\ntrain: splits/train.txt\nval: splits/train.txt\nnames: [a, b, c]\n')
    found = checkDataset(readDataset(at('corpus'), { md5: true }), { today: '2026-11-22' }).body.findings
  })
  test.each(cases)('%s', (name) => {
    const expected = JSON.parse(readFileSync(join(corpus, 'labels', name, 'expect.json'), 'utf8')) as Expected
    const own = found.filter((finding) => finding.image === name && finding.rule !== 'box-shape-outlier')
    expect(own.map(({ rule, line, column }) => ({ rule, line, column }))).toEqual(
      expected.findings.map(({ rule, line, column }) => ({ rule, line, column })),
    )
    for (const [i, { contains }] of expected.findings.entries()) expect(own[i]?.message).toContain(contains)
  })
})

describe('the command', () => {
  test('passes sound data with exit code 0 and says what it looked at', async () => {
    const { exitCode, stdout } = await sluice('check', 'sound', '--pixels', 'none')
    expect(stdout).toContain('pass: 0 errors, 0 warnings, 3 info in 8 images, 8 boxes (yolo)')
    expect(exitCode).toBe(0)
  })

  test('fails with exit code 1, names file and line, and writes the JSON that others rely on', async () => {
    await soundFolder(at('bad'))
    put(at('bad/labels/train/0.txt'), '0 0.5 0.5 0.2 0.4\n7 0.1 0.1 0.1 0.1\n')
    const files = ['json', 'sarif', 'md', 'evidence'].flatMap((kind) => [`--${kind}`, at(`out/${kind}`)])
    const { exitCode, stdout } = await sluice('check', 'bad', ...files)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('bad/labels/train/0.txt:2:1  class "7", but there are only classes 0 to 1')
    const json = JSON.parse(readFileSync(at('out/json'), 'utf8')) as { findings: Finding[] }
    expect(json).toMatchObject({ verdict: 'fail', counts: { error: 1 } })
    expect(json.findings[0]).toMatchObject({
      rule: 'label-class',
      severity: 'error',
      file: 'labels/train/0.txt',
      line: 2,
      image: 'train/0',
    })
    const sarif = JSON.parse(readFileSync(at('out/sarif'), 'utf8'))
    expect(sarif.runs[0].results[0]).toMatchObject({
      ruleId: 'label-class',
      level: 'error',
      locations: [
        { physicalLocation: { artifactLocation: { uri: 'bad/labels/train/0.txt' }, region: { startLine: 2 } } },
      ],
    })
    expect(readFileSync(at('out/md'), 'utf8')).toContain('**To do: mend 1 new error listed below')
    const document = parseEvidence(findings, readFileSync(at('out/evidence'), 'utf8'), 'evidence')
    expect(document.body.verdict).toBe('fail')
  })

  test('an empty data set does not pass: exit code 3', async () => {
    put(at('empty/data.yaml'), 'train: images/train\nval: images/val\nnames: [a]\n')
    for (const split of ['train', 'val']) put(at(`empty/images/${split}/note.md`), 'nothing yet')
    const { exitCode, stdout } = await sluice('check', 'empty')
    expect(stdout).toContain('There is no image in this data set')
    expect(exitCode).toBe(3)
  })

  test('with a base, passes what the base has too', async () => {
    await soundFolder(at('older'))
    put(at('older/labels/train/0.txt'), '0 0.5 0.5 0.2 0.4\n7 0.1 0.1 0.1 0.1\n')
    cpSync(at('older'), at('newer'), { recursive: true })
    const { exitCode, stdout } = await sluice('check', 'newer', '--base', 'older')
    expect(stdout).toMatch(/pass: 0 errors/)
    expect(exitCode).toBe(0)
  })

  test('ends with exit code 2 for a path that is not there, and for a waiver without scope', async () => {
    const missing = await sluice('check', 'nowhere')
    expect(missing.exitCode).toBe(2)
    expect(missing.stderr).toContain('nowhere: there is no such file or folder')
    put(at('waivers.yaml'), 'waivers: [{rule: box-tiny, reason: x, owner: a, expires: 2030-01-01}]\n')
    const { exitCode, stderr } = await sluice('check', 'sound', '--waivers', 'waivers.yaml')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('says neither file nor fingerprint')
  })

  test('finds an image whose pixels are broken only when it decodes', async () => {
    await soundFolder(at('broken'))
    // The same noise each time: where the cut falls decides whether a decoder complains.
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * i * 2654435761) >>> 24)
    const bytes = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer()
    put(
      at('broken/images/train/0.jpg'),
      Buffer.concat([bytes.subarray(0, bytes.length / 2), Buffer.from([0xff, 0xd9])]),
    )
    rmSync(at('broken/images/train/0.png'))
    expect((await sluice('check', 'broken', '--pixels', 'none')).exitCode).toBe(0)
    const { exitCode, stdout } = await sluice('check', 'broken')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('cannot be decoded')
  })

  test('does not follow a link out of the data set', async () => {
    await soundFolder(at('linked'))
    put(at('secret.txt'), '0 0.5 0.5 0.2 0.2\n')
    rmSync(at('linked/labels/train/0.txt'))
    symlinkSync(at('secret.txt'), at('linked/labels/train/0.txt'))
    const { exitCode, stdout } = await sluice('check', 'linked')
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/path-outside \(1\)[\s\S]*labels\/train\/0\.txt/)
  })

  test('finds objects without area in Pascal VOC, at the line of the object', async () => {
    put(at('voc/JPEGImages/a.png'), await picture(77))
    const object = (box: string) => `  <object>\n    <name>cell</name>\n    <bndbox>${box}</bndbox>\n  </object>\n`
    const corner = (...[x1, y1, x2, y2]: number[]) =>
      `<xmin>${x1}</xmin><ymin>${y1}</ymin><xmax>${x2}</xmax><ymax>${y2}</ymax>`
    const objects = object(corner(10, 10, 40, 40)) + object(corner(60, 60, 60, 60)) + object(corner(90, 50, 70, 95))
    const size = '<size><width>100</width><height>100</height></size>'
    put(at('voc/Annotations/a.xml'), `<annotation>\n${size}\n${objects}</annotation>\n`)
    const { exitCode } = await sluice('check', 'voc', '--json', at('voc.json'))
    expect(exitCode).toBe(1)
    expect(errorsOf(at('voc.json'))).toEqual([
      'box-negative-size Annotations/a.xml:11',
      'box-zero-area Annotations/a.xml:7',
    ])
  })

  const bccd = join(root, '../shared/data/bccd')
  if (existsSync(bccd)) {
    test('finds the two blood cells without area in BCCD', async () => {
      expect((await sluice('check', bccd, '--json', at('bccd.json'))).exitCode).toBe(1)
      expect(errorsOf(at('bccd.json'))).toEqual([
        'box-zero-area Annotations/BloodImage_00338.xml:158',
        'box-zero-area Annotations/BloodImage_00343.xml:50',
      ])
    })
  }
})

function errorsOf(file: string): string[] {
  const { findings: all } = JSON.parse(readFileSync(file, 'utf8')) as { findings: Finding[] }
  return all
    .filter(({ severity }) => severity === 'error')
    .map(({ rule, file: path, line }) => `${rule} ${path}:${line}`)
}
