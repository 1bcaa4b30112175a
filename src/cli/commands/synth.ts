import { resolve } from 'node:path'
import { writeJson } from '../../adapters/files.ts'
import { createImages } from '../../adapters/images.ts'
import { createStorage } from '../../adapters/storage.ts'
import { nearest } from '../../core/documents/suggest.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { type Camera, cameras } from '../../core/synthetic/backgrounds.ts'
import { allDefects, describeDefects, parseDefects } from '../../core/synthetic/defects.ts'
import { planScenes } from '../../core/synthetic/worksite.ts'
import { plantInFolder, synthesize, type WorldPart } from '../../steps/synth.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

const options = {
  images: { type: 'string', default: '200' },
  seed: { type: 'string', default: '0' },
  prefix: { type: 'string' },
  cameras: { type: 'string', default: 'yard,hall,gate' },
  split: { type: 'string', default: 'train' },
  frames: { type: 'string', default: '3' },
  'tool-share': { type: 'string', default: '0.2' },
  size: { type: 'string', default: '160' },
  defects: { type: 'string' },
  'list-defects': { type: 'boolean' },
  json: { type: 'string' },
} as const

export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(args, options, { least: 0, most: 1, names: 'OUT' })
    if (values['list-defects']) {
      for (const { kind, summary } of describeDefects()) console.print(`${kind.padEnd(20)} ${summary}`)
      if (values.json) writeJson(values.json, describeDefects())
      return exitCodes.pass
    }
    const out = positionals[0]
    if (!out) throw new UsageError('no folder to write to was named', { mend: 'sluice synth OUT --images 200' })
    const split = oneOf('--split', values.split, ['train', 'val', 'test'] as const)
    const images = wholeNumber('--images', values.images, 1, 1_000_000)
    const framesPerScene = wholeNumber('--frames', values.frames, 1, 99)
    const plans = planScenes({
      seed: values.seed,
      prefix: prefixOf(values.prefix ?? split),
      cameras: values.cameras.split(',').map((word): Camera => oneOf('--cameras', word.trim(), cameras)),
      scenes: Math.ceil(images / framesPerScene),
      framesPerScene,
      toolShare: shareOf('--tool-share', values['tool-share']),
      size: wholeNumber('--size', values.size, 32, 4096),
    })
    // The last scene is cut short where frames do not divide the number of images.
    const last = plans.at(-1)
    if (last) last.frames = images - (plans.length - 1) * framesPerScene
    const defects = values.defects === 'all' ? allDefects : parseDefects(listOf(values.defects))
    const ports = { storage: createStorage(), images: createImages() }
    const root = resolve(out)
    const parts: WorldPart[] = [{ split, plans }]
    const counts = await synthesize(ports, { root, parts, progress: console.progress('drawing') })
    const planted = plantInFolder(ports, { root, defects, parts, seed: values.seed })
    console.print(`${counts.images} images and ${counts.boxes} boxes in ${out} (${split})`)
    if (planted.length > 0) console.print(`${planted.length} places spoilt:`)
    for (const { kind, file, line, says } of planted)
      console.print(`  ${kind}: ${file}${line ? `:${line}` : ''}: ${says}`)
    if (values.json) writeJson(values.json, { root: out, split, ...counts, planted })
    return exitCodes.pass
  },
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

function oneOf<const T extends string>(option: string, word: string, known: readonly T[]): T {
  const found = known.find((one) => one === word)
  if (found !== undefined) return found
  const hint = nearest(word, known)
  throw new UsageError(`${option}: "${word}" is none of ${known.join(', ')}${hint ? `; did you mean ${hint}?` : ''}`)
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new UsageError(`${option}: "${text}" is not a whole number from ${least} to ${most}`)
}

function shareOf(option: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value <= 1) return value
  throw new UsageError(`${option}: "${text}" is not a share from 0 to 1`)
}

/** The prefix becomes part of file names. */
function prefixOf(word: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/.test(word)) return word
  throw new UsageError(`--prefix: "${word}" is no name`, { mend: 'letters, digits, - and _, 40 at most' })
}
