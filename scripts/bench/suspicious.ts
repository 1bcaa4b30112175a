// How well wrong labels are found: planted in the worksite world, asked of a champion that never saw the images.
// node scripts/bench/suspicious.ts [--model champion.onnx]; without a model one is trained (a minute or two).
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readDataset } from '../../src/adapters/dataset.ts'
import { createImages } from '../../src/adapters/images.ts'
import { createOnnxRuntime } from '../../src/adapters/onnx/runtime.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { findSuspicious, type NamedImage } from '../../src/core/compare/suspicious.ts'
import { seenByChampion } from '../../src/steps/suspicious.ts'
import { faults, plant, tally } from './suspicious/plant.ts'

const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const pipeline = fileURLToPath(new URL('../../pipelines/champion.yaml', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-suspicious-'))
const rates = [0.02, 0.05, 0.2]

function sluice(...args: string[]): void {
  const result = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`sluice ${args[0]}: ${result.stderr}`)
}

function world(name: string, images: number, more: string[]): string {
  const path = join(folder, name)
  sluice('synth', path, '--images', String(images), '--frames', '4', '--prefix', name, ...more)
  return path
}

function champion(): string {
  const given = process.argv.indexOf('--model')
  if (given > 0) return process.argv[given + 1] as string
  const data = world('v1', 180, ['--seed', 'worksite'])
  sluice('synth', data, '--images', '40', '--frames', '4', '--prefix', 'val', '--split', 'val', '--seed', 'other')
  sluice('train', pipeline, '--data', data, '--output', join(folder, 'run'))
  sluice('export', join(folder, 'run/last.pt'), '--data', data, '--formats', 'onnx', '--output', join(folder, 'onnx'))
  return join(folder, 'onnx/last.onnx')
}

async function look(artifact: string, path: string): Promise<NamedImage[]> {
  const ports = { runtime: createOnnxRuntime(), images: createImages(), storage: createStorage() }
  const size = { imageSize: 160, channels: 'RGB' as const }
  const serving = { ...size, confidence: 0.001, iou: 0.7, maxDetections: 100, multiLabel: false }
  return seenByChampion(ports, { artifact, dataset: readDataset(path), serving, threads: 1 })
}

const classes = ['person', 'helmet', 'vest', 'tool']
const shown = (share: number) => (Number.isFinite(share) ? share.toFixed(2) : '–')

/** Prints a table of precision and recall; returns the share of right labels that are told, where none is planted. */
function table(title: string, images: NamedImage[], trusted: NamedImage[]): number {
  const find = (from: NamedImage[]) => findSuspicious(from, classes, { trusted })
  const clean = find(images)
  const share = clean.flagged / clean.boxes
  console.log(
    `\n${title}: ${clean.boxes} boxes; with none planted ${clean.flagged} are told (${(100 * share).toFixed(1)} %)`,
  )
  console.log(`| planted | ${rates.map((rate) => `${100 * rate} % of labels`).join(' | ')} |`)
  console.log(`| --- | ${rates.map(() => '---').join(' | ')} |`)
  for (const fault of faults) {
    const cells = rates.map((rate) => {
      const planted = plant(images, fault, rate, classes.length)
      const { hits, flagged, planted: all } = tally(planted, find(planted.images))
      return `${shown(hits / flagged)} / ${shown(hits / all)} (${all})`
    })
    console.log(`| ${fault} | ${cells.join(' | ')} |`)
  }
  return share
}

try {
  const artifact = champion()
  const day = await look(artifact, world('day', 480, ['--seed', 'another day']))
  const night = await look(
    artifact,
    world('night', 240, ['--seed', 'another night', '--cameras', 'night', '--tool-share', '0.8']),
  )
  const cameras = ['--cameras', 'yard,hall,gate,night', '--tool-share', '0.5']
  const trusted = await look(artifact, world('trusted', 150, ['--seed', 'validation', ...cameras]))
  console.log('precision / recall (labels planted)')
  const told = [
    table('cameras that the champion knows, 150 trusted images', day, trusted),
    table('the same, without trusted images', day, []),
    table('a night camera that it never saw, 150 trusted images', night, trusted),
  ]
  process.exitCode = Math.max(...told) < 0.02 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
