import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDataset } from '../../src/adapters/dataset.ts'
import { createImages } from '../../src/adapters/images.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { type RawFinding, ruleContext } from '../../src/core/check/rule.ts'
import { rules } from '../../src/core/check/rules.ts'
import type { Dataset } from '../../src/core/dataset/model.ts'
import { allDefects, describeDefects, type Planted } from '../../src/core/synthetic/defects.ts'
import { continueScene, planScenes } from '../../src/core/synthetic/worksite.ts'
import type { Storage } from '../../src/ports.ts'
import { plantInFolder, synthesize, type WorldPart } from '../../src/steps/synth.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-synth-checks-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const ports = { storage: createStorage(), images: createImages() }
const cameras = ['yard', 'hall', 'gate'] as const
const plans = (prefix: string, scenes: number) =>
  planScenes({ seed: 5, prefix, cameras, scenes, framesPerScene: 2, toolShare: 0.4 })
const proposal: WorldPart = { split: 'train', plans: plans('new', 30) }
const [base, head] = [join(folder, 'base'), join(folder, 'head')]

beforeAll(async () => {
  const parts: WorldPart[] = [
    { split: 'train', plans: plans('old', 30) },
    { split: 'val', plans: plans('val', 30) },
  ]
  await synthesize(ports, { root: base, parts })
  cpSync(base, head, { recursive: true })
  await synthesize(ports, { root: head, parts: [proposal] })
})

type Found = RawFinding & { rule: string; severity: string }

/** Findings of all rules with their own limits, the base read beside. */
function check(root: string): Found[] {
  const [dataset, before]: Dataset[] = [readDataset(root, { md5: true }), readDataset(base, { md5: true })]
  const limitOf = (id: string) => rules.find((rule) => rule.id === id)?.limit?.value ?? 0
  const context = ruleContext(dataset!, limitOf, { base: before })
  return rules.flatMap((rule) =>
    rule
      .check({ ...context, limit: limitOf(rule.id) })
      .map((found) => ({ ...found, rule: rule.id, severity: rule.severity })),
  )
}

/** Storage that can take back all it did: far cheaper than a copy of the folder for each defect. */
function undoable() {
  const before = new Map<string, Uint8Array | null>()
  const remember = (path: string) => {
    if (!before.has(path)) before.set(path, ports.storage.exists(path) ? ports.storage.read(path) : null)
  }
  const storage: Storage = {
    ...ports.storage,
    write: (path, content) => {
      remember(path)
      ports.storage.write(path, content)
    },
    remove: (path) => {
      remember(path)
      ports.storage.remove(path)
    },
  }
  const undo = () => {
    for (const [path, bytes] of before) bytes ? ports.storage.write(path, bytes) : ports.storage.remove(path)
  }
  return { storage, undo }
}

test('the clean world has nothing that a rule calls an error or a warning', () => {
  expect(check(head).filter(({ severity }) => severity !== 'info')).toEqual([])
})

test('every rule that a defect names is a rule', () => {
  const known = new Set(rules.map(({ id }) => id))
  expect(describeDefects().filter(({ rule }) => !known.has(rule))).toEqual([])
})

test.each(allDefects)('%s, planted alone, is found by the rule it names, where it was planted', (kind) => {
  const { storage, undo } = undoable()
  const planted: Planted[] = plantInFolder({ storage }, { root: head, defects: [kind], parts: [proposal] })
  const { rule, file, line, image } = planted[0]!
  const found = check(head).filter((one) => one.rule === rule)
  undo()
  // Some rules speak of the whole data set, and a listing may be told at either of its two lines.
  const whole = ['class-balance', 'split-unlisted'].includes(rule)
  const hit = found.some(
    (one) => whole || (one.file === file && one.line === line) || (one.image === image && image !== null),
  )
  expect(hit, JSON.stringify({ planted: planted[0], found })).toBe(true)
})

test('with every defect mended the world is clean again', () => {
  expect(check(head).filter(({ severity }) => severity !== 'info')).toEqual([])
})

test('frames that go on a scene of validation are a leak by scene alone', async () => {
  const at = join(folder, 'leak')
  cpSync(head, at, { recursive: true })
  const leak = plans('val', 30)
    .slice(0, 1)
    .map((plan) => continueScene(plan, 1))
  await synthesize(ports, { root: at, parts: [{ split: 'train', plans: leak }] })
  expect(
    check(at)
      .filter(({ severity }) => severity !== 'info')
      .map(({ rule }) => rule),
  ).toEqual(['split-leak'])
})
