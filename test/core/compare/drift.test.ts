import { describe, expect, test } from 'vitest'
import { type DriftOptions, measureDrift } from '../../../src/core/compare/drift.ts'
import type { Dataset } from '../../../src/core/dataset/model.ts'
import { drift } from '../../../src/core/documents/operational.ts'
import { problemsOf } from '../../../src/core/documents/parse.ts'
import { type DriftWorld, driftWorld, joined } from './drift-world.ts'

const usual: DriftWorld = { scenes: 150, frames: 4, seed: 1 }
const base = driftWorld(usual)
const more = (world: Partial<DriftWorld>) => driftWorld({ ...usual, scenes: 60, seed: 2, prefix: 'new', ...world })
const proposal = (world: Partial<DriftWorld>, options?: DriftOptions) =>
  measureDrift(base, joined(base, more(world)), options)
const drifted = (body: ReturnType<typeof measureDrift>) =>
  body.measures.flatMap(({ name, of, verdict }) => (verdict === 'drift' ? [`${name} ${of}`] : []))
const measure = (body: ReturnType<typeof measureDrift>, name: string) => body.measures.find((one) => one.name === name)

/** The same pictures with other labels in the first `count` images. */
function relabelled(dataset: Dataset, count: number, change: (classId: number, row: number) => number): Dataset {
  const classId = dataset.boxes.classId.map((id, row) => (dataset.boxes.image[row]! < count ? change(id, row) : id))
  return { ...dataset, boxes: { ...dataset.boxes, classId } }
}

describe('what is added', () => {
  test.each<[string, Partial<DriftWorld>, string[]]>([
    ['nothing else than before', {}, []],
    ['darker pictures', { light: -60 }, ['brightness added']],
    ['smaller boxes', { size: 0.4 }, ['box size added']],
    ['boxes further right', { right: 0.3 }, ['box x added']],
    ['larger images', { pixels: 1280 }, ['image size added']],
  ])('%s: that drifts, and nothing else does', (_, world, expected) => {
    const body = proposal(world)
    expect(drifted(body)).toEqual(expected)
    expect(problemsOf(drift, body)).toEqual([])
  })

  test('a large base does not dilute it: 40 night images beside 2,000 by day', () => {
    const large = driftWorld({ ...usual, scenes: 500 })
    const night = driftWorld({ scenes: 20, frames: 2, seed: 5, prefix: 'night', light: -60 })
    const body = measureDrift(large, joined(large, night))
    expect(drifted(body)).toContain('brightness added')
    expect(body.compared).toMatchObject({
      unit: 'scene',
      base: { images: 2000, units: 500 },
      added: { images: 40, units: 20 },
    })
  })

  test('shares are those of both whole versions, and of what is added', () => {
    const tool = proposal({ tools: 1 }).shares.find(({ className }) => className === 'tool')
    expect(tool?.added).toBeGreaterThan(0.25)
    expect(tool?.before).toBeLessThan(0.12)
    expect(tool?.after).toBeGreaterThan(tool?.before ?? 1)
    expect(tool?.after).toBeLessThan(tool?.added ?? 0)
  })

  test('an effect in too few scenes is open, and says how many images would settle it', () => {
    const few = measureDrift(
      base,
      joined(base, driftWorld({ scenes: 5, frames: 4, seed: 9, prefix: 'few', tools: 0.5 })),
    )
    const share = measure(few, 'share of tool')
    expect(share).toMatchObject({ verdict: 'inconclusive', exceeded: false, direction: 'up' })
    expect(share?.settles).toBeGreaterThan(20)
    expect(share?.detail).toContain(`about ${share?.settles} images would settle it`)
    const enough = driftWorld({
      scenes: Math.ceil((share?.settles ?? 0) / 2),
      frames: 4,
      seed: 9,
      prefix: 'few',
      tools: 0.5,
    })
    expect(measure(measureDrift(base, joined(base, enough)), 'share of tool')?.verdict).toBe('drift')
  })

  test('a small effect in many images is told as small, not as drift', () => {
    const large = driftWorld({ ...usual, scenes: 3000, frames: 1 })
    const bright = driftWorld({ scenes: 3000, frames: 1, seed: 3, prefix: 'b', light: 5 })
    expect(measure(measureDrift(large, joined(large, bright)), 'brightness')).toMatchObject({
      verdict: 'info',
      exceeded: false,
    })
  })

  test('frames of few scenes count as scenes: what looks sure by images is open', () => {
    const told = driftWorld({ scenes: 4, frames: 25, seed: 11, prefix: 'new', light: -30 })
    const untold = (dataset: Dataset) => ({
      ...dataset,
      images: dataset.images.map((image) => ({ ...image, provenance: null })),
    })
    const head = joined(base, told)
    expect(measure(measureDrift(untold(base), untold(head)), 'brightness')?.verdict).toBe('drift')
    expect(measure(measureDrift(base, head), 'brightness')?.verdict).toBe('inconclusive')
    expect(measureDrift(untold(base), untold(head)).notes.join()).toContain('every image counts as independent')
  })

  test('a renamed class is no drift', () => {
    const renamed = { ...joined(base, more({})), classes: ['person', 'hard hat', 'vest', 'tool'] }
    const body = measureDrift(base, renamed)
    expect(drifted(body)).toEqual([])
    expect(body.shares.map(({ className }) => className)).toEqual(renamed.classes)
  })
})

describe('what is relabelled', () => {
  test('images of one kind with mended labels do not drift from the rest', () => {
    const night = driftWorld({ scenes: 20, frames: 4, seed: 6, prefix: 'night', light: -60, tools: 0.9 })
    const before = joined(night, base)
    const after = {
      ...before,
      boxes: { ...before.boxes, cx: before.boxes.cx.map((x, row) => (before.boxes.image[row]! < 80 ? x + 0.001 : x)) },
    }
    const body = measureDrift(before, after)
    expect(body.compared).toMatchObject({ added: { images: 0 }, relabelled: { images: 80, units: 20 } })
    expect(drifted(body)).toEqual([])
    expect(measure(body, 'brightness')).toBeUndefined()
  })

  test('a class that is taken for another in the same pictures drifts', () => {
    const swapped = relabelled(base, 120, (id) => (id === 2 ? 3 : id))
    expect(drifted(measureDrift(base, swapped))).toEqual([
      'class mix relabelled',
      'share of vest relabelled',
      'share of tool relabelled',
    ])
  })
})

describe('declared drift', () => {
  const tools = { measure: 'share of tool', direction: 'up' as const, reason: 'tools are rare' }

  test('in the declared direction is a record, and leaves the mix of the others alone', () => {
    const body = proposal({ tools: 0.8 }, { expects: [tools] })
    expect(body.expects).toEqual([{ ...tools, outcome: 'met' }])
    expect(drifted(body)).toContain('share of tool added')
    expect(body.declared).toEqual(['share of tool'])
    expect(drifted(body)).not.toContain('class mix added')
  })

  test.each<[string, Partial<DriftWorld>, DriftOptions['expects'], string, string]>([
    [
      'the other direction',
      { light: -60 },
      [{ measure: 'brightness', direction: 'up', reason: 'day' }],
      'opposite',
      'went the other way',
    ],
    [
      'no drift where some was promised',
      {},
      [{ measure: 'brightness', direction: 'down', reason: 'night' }],
      'absent',
      'did not drift',
    ],
    [
      'a measure that does not exist',
      {},
      [{ measure: 'darkness', direction: 'up', reason: 'night' }],
      'unmeasured',
      'measured are: class mix',
    ],
  ])('%s is told', (_, world, expects, outcome, note) => {
    const body = proposal(world, { expects: expects ?? [] })
    expect(body.expects?.[0]?.outcome).toBe(outcome)
    expect(body.declared).toEqual([])
    expect(body.notes.join('\n')).toContain(note)
  })

  test('a declared mix stands for the share of every class', () => {
    const body = proposal({ tools: 1 }, { expects: [{ measure: 'class mix', direction: 'any', reason: 'tools' }] })
    expect(body.declared).toEqual(['class mix', ...drifted(body).flatMap((name) => name.match(/^share of \w+/) ?? [])])
  })
})

describe('what cannot be said', () => {
  test('a handful of images says nothing, nothing added says so, and both are sound documents', () => {
    const few = measureDrift(base, joined(base, driftWorld({ scenes: 2, frames: 2, seed: 3, prefix: 'few' })))
    expect(few.measures).toEqual([])
    expect(few.notes[0]).toContain('only 4 images were added')
    const same = measureDrift(base, base)
    expect(same.notes).toEqual(['no image was added and no label changed'])
    const nothing = driftWorld({ ...usual, scenes: 0 })
    for (const body of [
      few,
      same,
      measureDrift(nothing, nothing),
      measureDrift(nothing, base),
      measureDrift(base, nothing),
    ])
      expect(problemsOf(drift, body)).toEqual([])
  })

  test('pictures that were not read and boxes that are not there are no measures', () => {
    const blind = (dataset: Dataset) => ({
      ...dataset,
      images: dataset.images.map(({ look: _, ...image }) => ({ ...image, width: 0, height: 0 })),
    })
    const body = measureDrift(blind(base), blind(joined(base, more({}))))
    expect(body.notes.at(-1)).toContain('pictures were not read: image size, image aspect, brightness')
    expect(body.measures.map(({ name }) => name)).not.toContain('box aspect')
    const empty = { ...more({}), boxes: driftWorld({ ...usual, scenes: 0 }).boxes }
    const bare = measureDrift(base, joined(base, empty))
    expect(measure(bare, 'box size')).toBeUndefined()
    expect(measure(bare, 'boxes an image')).toMatchObject({ verdict: 'drift', direction: 'down' })
    expect(problemsOf(drift, bare)).toEqual([])
  })

  test('the same seed gives the same document', () => {
    const run = (seed: number) => proposal({ tools: 0.4 }, { seed })
    expect(run(3)).toEqual(run(3))
  })
})
