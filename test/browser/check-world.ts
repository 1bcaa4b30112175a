import { appendFileSync, copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readDataset } from '../../src/adapters/dataset.ts'
import { createImages } from '../../src/adapters/images.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import type { Dataset } from '../../src/core/dataset/model.ts'
import type { SuspiciousBody } from '../../src/core/documents/operational.ts'
import { planScenes } from '../../src/core/synthetic/worksite.ts'
import { checkDataset } from '../../src/steps/check.ts'
import { diff } from '../../src/steps/diff.ts'
import { drift } from '../../src/steps/drift.ts'
import { synthesize } from '../../src/steps/synth.ts'

const images = createImages()

/** A small worksite with a proposal on it: night frames, mended labels, a leak, broken rows; `remove` takes it away. */
export async function checkWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-check-world-'))
  const [old, now] = [join(folder, 'base'), join(folder, 'head')]
  const storage = createStorage()
  const scenes = (prefix: string, camera: 'yard' | 'night', count: number) =>
    planScenes({ seed: 7, prefix, scenes: count, framesPerScene: 2, size: 256, toolShare: 0.5, cameras: [camera] })
  await synthesize(
    { storage, images },
    {
      root: old,
      parts: [
        { split: 'train', plans: scenes('day', 'yard', 8) },
        { split: 'val', plans: scenes('val', 'yard', 3) },
      ],
    },
  )
  cpSync(old, now, { recursive: true })
  await synthesize({ storage, images }, { root: now, parts: [{ split: 'train', plans: scenes('night', 'night', 6) }] })
  spoil(now)
  const [base, head] = [readDataset(old, { md5: true }), readDataset(now, { md5: true })]
  const findings = checkDataset(head, { base, today: '2026-11-22' })
  const read = (root: string) => (file: string) => readFileSync(join(root, file))
  return {
    findings,
    diff: diff(base, head, findings.subject).body,
    drift: drift(base, head, findings.subject).body,
    suspicious: doubtsOf(head),
    base: { dataset: base, read: read(old) },
    head: { dataset: head, read: read(now) },
    images,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** What a hasty proposal does to its own folder: moves, relabels, drops, doubles, and copies an image over the split. */
function spoil(root: string): void {
  const names = (split: string) =>
    readFileSync(join(root, `splits/${split}.txt`), 'utf8')
      .trim()
      .split('\n')
  const labelOf = (image: string) => join(root, image.replace('images/', 'labels/').replace('.png', '.txt'))
  const edit = (image: string, change: (rows: string[][]) => string[][]) => {
    const rows = readFileSync(labelOf(image), 'utf8')
      .trim()
      .split('\n')
      .map((row) => row.split(' '))
    writeFileSync(
      labelOf(image),
      change(rows)
        .map((row) => `${row.join(' ')}\n`)
        .join(''),
    )
  }
  const train = names('train')
  const day = train.filter((name) => name.includes('day'))
  const night = train.filter((name) => name.includes('night'))
  for (const name of day.slice(0, 3)) {
    edit(name, ([first = [], ...rest]) => [
      [first[0] ?? '0', String(Number(first[1]) + 0.03), ...first.slice(2)],
      ...rest,
    ])
  }
  edit(day[3] ?? '', (rows) => rows.map(([id, ...box]) => [id === '1' ? '2' : (id ?? '0'), ...box]))
  edit(day[4] ?? '', (rows) => rows.slice(1))
  edit(night[0] ?? '', (rows) => [...rows, ['9', '0.5', '0.5', '0.2', '0.2'], ['0', '0.98', '0.5', '0.2', '0.2']])
  for (const name of night.slice(1, 10)) edit(name, (rows) => [...rows, ...rows.slice(0, 1)])
  const copy = 'images/night-copy.png'
  copyFileSync(join(root, names('val')[0] ?? ''), join(root, copy))
  copyFileSync(labelOf(names('val')[0] ?? ''), labelOf(copy))
  appendFileSync(join(root, 'splits/train.txt'), `${copy}\n`)
}

/** What a champion might say of the first boxes of the new images. */
function doubtsOf({ images: all, boxes, classes }: Dataset): SuspiciousBody {
  const items = all
    .flatMap(({ name }, i): SuspiciousBody['items'] => {
      const row = boxes.image.indexOf(i)
      if (!name.includes('night') || row < 0) return []
      const box = [boxes.cx[row], boxes.cy[row], boxes.w[row], boxes.h[row]] as number[]
      const className = classes[boxes.classId[row] as number] as string
      const predicted = box.map((value) => value * 0.97)
      return [
        {
          image: name,
          issue: 'swapped',
          score: 0.9,
          className,
          predictedClass: 'tool',
          confidence: 0.81,
          box,
          predicted,
        },
      ]
    })
    .slice(0, 4)
  return {
    images: 13,
    boxes: 60,
    flagged: items.length,
    items,
    byClass: classes.map((className) => ({ className, boxes: 15, flagged: 1 })),
    method: 'disagreement with predictions above 0.25',
  }
}
