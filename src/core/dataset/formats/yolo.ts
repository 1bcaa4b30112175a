import { distance } from 'fastest-levenshtein'
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml'
import { UsageError } from '../../errors.ts'
import type { Split } from '../model.ts'
import { insideRoot } from '../paths.ts'

/** A data.yaml as far as data is concerned; paths are relative to the folder of the file, with `path` applied. */
export type DataYaml = {
  classes: string[]
  sources: { split: Split; path: string; line: number }[]
}

const prototypeKeys = ['__proto__', 'constructor', 'prototype']
const splitKeys = { train: 'train', val: 'val', validation: 'val', minival: 'val', test: 'test' } as const
const knownKeys = [
  ...Object.keys(splitKeys),
  ...['path', 'names', 'nc', 'channels', 'kpt_shape', 'kpt_names', 'flip_idx', 'end2end', 'download'],
  // What export tools add and the loader does not read.
  ...['roboflow', 'author', 'date', 'description', 'license', 'licence', 'task', 'url', 'version', 'stride', 'imgsz'],
]

/** Reads a data.yaml; it may come from anyone, so that whatever is unsafe or unclear is a UsageError with file:line. */
export function parseDataYaml(text: string, file: string): DataYaml {
  if (text.length > 300_000)
    throw new UsageError(`${text.length} characters are too many for a data.yaml`, { where: file })
  const lines = new LineCounter()
  const where = (node: unknown) => `${file}:${isNode(node) && node.range ? lines.linePos(node.range[0]).line : 1}`
  const tree = parsed(text, file, lines)
  visit(tree, {
    Alias: (_, node) => {
      throw new UsageError('aliases and merge keys are not taken', { where: where(node), mend: 'write the value out' })
    },
    Node: (_, node) => {
      if (!node.tag || /^tag:yaml\.org,2002:(map|seq|str|int|float|bool|null)$/.test(node.tag)) return
      throw new UsageError(`the tag ${node.tag} is not taken`, { where: where(node), mend: 'remove the tag' })
    },
  })
  if (!isMap(tree)) throw new UsageError('expected keys with train, val and names', { where: file })
  checkKeys(tree, where)
  const classes = classNames(tree, file, where)
  const base = rootOf(tree, where)
  const sources = Object.entries(splitKeys).flatMap(([key, split]) => sourcesOf(tree, key, split, base, where))
  for (const needed of ['train', 'val'] as const) {
    if (sources.some((source) => source.split === needed)) continue
    throw new UsageError(`there is no ${needed}`, {
      where: file,
      mend: `add "${needed}: images/${needed}" or the like`,
    })
  }
  return { classes, sources }
}

type Where = (node: unknown) => string

function parsed(text: string, file: string, lines: LineCounter): Node | null {
  try {
    const tree = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
    const broken = tree.errors[0] ?? tree.warnings[0]
    if (!broken) return tree.contents
    if (/call stack/.test(broken.message)) throw new RangeError(broken.message)
    const line = lines.linePos(broken.pos[0]).line
    throw new UsageError(broken.message, { where: `${file}:${line}`, mend: 'mend the YAML syntax' })
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError('nested too deeply', { where: file })
    throw error
  }
}

function checkKeys(tree: YAMLMap, where: Where): void {
  for (const { key } of tree.items) {
    const name = isScalar(key) ? String(key.value) : ''
    if (name === 'download') {
      throw new UsageError('the key "download" is not taken: Ultralytics runs what it names as a program', {
        where: where(key),
        mend: 'remove it and bring the data by DVC',
      })
    }
    if (knownKeys.includes(name)) continue
    if (prototypeKeys.includes(name) || !isScalar(key)) {
      throw new UsageError(`unknown key ${JSON.stringify(name)}: it is not taken`, { where: where(key) })
    }
    // The loader reads no key that it does not know, and neither do we; but one letter off is a key that is missed.
    const hint = knownKeys.find((known) => distance(known, name.toLowerCase()) <= (known.length > 4 ? 2 : 1))
    if (hint && !tree.has(hint)) {
      throw new UsageError(`unknown key "${name}"; did you mean "${hint}"?`, { where: where(key) })
    }
  }
}

function rootOf(tree: YAMLMap, where: Where): string {
  const node = tree.get('path', true)
  if (node === undefined || (isScalar(node) && node.value === null)) return ''
  const value = isScalar(node) && typeof node.value === 'string' ? node.value : null
  const inside = value === null ? null : insideRoot(value)
  if (inside !== null) return inside
  throw new UsageError(`path: ${JSON.stringify(value)} leaves the folder of this file`, {
    where: where(node),
    mend: 'write "path: ." and paths below it',
  })
}

function sourcesOf(tree: YAMLMap, key: string, split: Split, base: string, where: Where): DataYaml['sources'] {
  const node = tree.get(key, true)
  if (node === undefined || (isScalar(node) && (node.value === null || node.value === ''))) return []
  return (isSeq(node) ? node.items : [node]).map((item) => {
    const written = isScalar(item) && typeof item.value === 'string' ? item.value : null
    if (written === null) throw new UsageError(`${key}: expected a folder or a list file`, { where: where(item) })
    const path = insideRoot(written, base)
    if (path !== null) return { split, path, line: Number(where(item).split(':').at(-1)) }
    const roboflow = /^\.\.\/[^./]/.test(written)
    throw new UsageError(`${key}: ${JSON.stringify(written)} leaves the data set`, {
      where: where(item),
      mend: roboflow ? `write "${written.slice(3)}", relative to this file` : 'write a path relative to this file',
    })
  })
}

function classNames(tree: YAMLMap, file: string, where: Where): string[] {
  const names = tree.get('names', true)
  const ncNode = tree.get('nc', true)
  const nc = isScalar(ncNode) ? ncNode.value : undefined
  if (nc !== undefined && !(typeof nc === 'number' && Number.isInteger(nc) && nc > 0 && nc <= 100_000)) {
    throw new UsageError(`nc: ${JSON.stringify(nc)} is not a number of classes`, { where: where(ncNode) })
  }
  if (names === undefined || (isScalar(names) && names.value === null)) {
    if (nc !== undefined) return Array.from({ length: nc as number }, (_, id) => `class_${id}`)
    throw new UsageError('there is neither names nor nc', { where: file, mend: 'add "names:" with a name a class' })
  }
  const items = isSeq(names)
    ? names.items.map((node, id) => ({ id, node }))
    : isMap(names)
      ? mapItems(names, where)
      : null
  if (!items || items.length === 0) throw new UsageError('names: expected a list of names', { where: where(names) })
  const list = items.map(({ node }) => className(node, where))
  checkRepeats(
    list,
    items.map(({ node }) => node),
    where,
  )
  if (nc !== undefined && nc !== list.length) {
    throw new UsageError(`nc: ${nc}, but there are ${list.length} names`, { where: where(ncNode), mend: 'remove nc' })
  }
  return list
}

function mapItems(names: YAMLMap, where: Where): { id: number; node: unknown }[] {
  const items = names.items.map(({ key, value }) => {
    const id = isScalar(key) && /^\d{1,6}$/.test(String(key.value)) ? Number(key.value) : Number.NaN
    if (Number.isNaN(id)) throw new UsageError('names: a class id is a whole number from 0', { where: where(key) })
    return { id, node: value as unknown, key }
  })
  items.sort((a, b) => a.id - b.id)
  const hole = items.findIndex((item, i) => item.id !== i)
  if (hole >= 0) throw new UsageError(`names: there is no class ${hole}`, { where: where(items[hole]?.key) })
  return items
}

function className(node: unknown, where: Where): string {
  const value = isScalar(node) && !isAlias(node) ? node.value : undefined
  const source = (isScalar(node) && node.source) || ''
  // Digits of a class "7" mean the same to everyone; 012, 1e3 and 0x1F do not.
  if (typeof value === 'number' && /^(?:0|[1-9]\d{0,15})$/.test(source)) return source
  if (typeof value !== 'string') {
    const mend = 'put the name in quotes'
    throw new UsageError(`names: ${shown(source || value)} is not text`, { where: where(node), mend })
  }
  if (isScalar(node) && node.type === 'PLAIN' && trainerReadsOtherwise.test(value)) {
    const mend = 'put the name in quotes'
    throw new UsageError(`names: ${shown(value)} is no text to the trainer, which reads YAML 1.1`, {
      where: where(node),
      mend,
    })
  }
  if (value.trim() === '' || value.length > 200 || hostileSigns.test(value)) {
    const what = value.trim() === '' ? 'is empty' : value.length > 200 ? 'is too long' : 'has control characters'
    throw new UsageError(`names: ${shown(value)} ${what}`, { where: where(node), mend: 'name the class otherwise' })
  }
  return value
}

/** Plain words that YAML 1.1 takes for true, false or a number, and YAML 1.2 for text. */
const trainerReadsOtherwise = /^(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|[-+]?\d[\d_]*|[-+]?\d+(?::[0-5]?\d)+)$/
/** Control characters, line breaks of Unicode, halves of characters, and marks that turn the reading direction. */
const hostileSigns = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100)
}

function checkRepeats(list: string[], nodes: unknown[], where: Where): void {
  const seen = new Set<string>()
  for (const [id, name] of list.entries()) {
    if (seen.has(name)) throw new UsageError(`names: ${shown(name)} is there twice`, { where: where(nodes[id]) })
    seen.add(name)
  }
}
