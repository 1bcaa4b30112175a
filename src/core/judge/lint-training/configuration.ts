import { isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml'

/** One argument of a training run as it is written, with its 1-based line. */
type Entry = { value: unknown; line: number }

/** What one training run is told, whatever file says it: arguments by the trainer’s own names. */
export type TrainingConfiguration = {
  kind: 'pipeline' | 'arguments' | 'command'
  line: number
  entries: Map<string, Entry>
  /** Budget of optimizer updates where it is stated. */
  updates: number | null
}

const pipelineKeys = ['trainer', 'role', 'arguments']
/** A pipeline’s own words for what the trainer calls otherwise. */
const renamed: Record<string, string> = { imageSize: 'imgsz', model: 'model', epochs: 'epochs', seed: 'seed' }

/** Every training run that a file configures: a pipeline, a YAML of arguments, and each `yolo train` command line. */
export function readConfigurations(text: string, known: ReadonlySet<string>): TrainingConfiguration[] {
  return [...fromYaml(text, known), ...fromCommands(text)]
}

function fromYaml(text: string, known: ReadonlySet<string>): TrainingConfiguration[] {
  const lines = new LineCounter()
  const tree = parseDocument(text, { lineCounter: lines, uniqueKeys: false })
  if (tree.errors.length > 0 || !isMap(tree.contents)) return []
  const root = pairsOf(tree.contents, lines)
  if (pipelineKeys.every((key) => root.has(key))) {
    const inner = root.get('arguments')?.node
    const entries = isMap(inner) ? pairsOf(inner, lines) : new Map<string, Pair>()
    for (const [key, name] of Object.entries(renamed)) {
      const pair = root.get(key)
      if (pair && !entries.has(name)) entries.set(name, pair)
    }
    const role = root.get('role')?.value
    if (role === 'export') return []
    const updates = root.get('updates')?.value
    return [
      { kind: 'pipeline', line: 1, entries, updates: typeof updates === 'number' && updates > 0 ? updates : null },
    ]
  }
  const mode = root.get('mode')?.value
  const familiar = [...root.keys()].filter((key) => known.has(key)).length
  if (familiar < 2 || (mode !== undefined && mode !== 'train')) return []
  return [{ kind: 'arguments', line: 1, entries: root, updates: null }]
}

type Pair = Entry & { node: Node | null }

function pairsOf(map: Node, lines: LineCounter): Map<string, Pair> {
  const pairs = new Map<string, Pair>()
  if (!isMap(map)) return pairs
  for (const { key, value } of map.items) {
    if (!isScalar(key)) continue
    const node = (value ?? null) as Node | null
    pairs.set(String(key.value), { value: plain(node), node, line: lines.linePos(key.range?.[0] ?? 0).line })
  }
  return pairs
}

function plain(node: Node | null): unknown {
  if (node === null) return null
  return isScalar(node) ? node.value : (node.toJSON() as unknown)
}

/** `yolo [detect] train key=value …`, over continued lines, wherever it stands (script, workflow, document). */
function fromCommands(text: string): TrainingConfiguration[] {
  const found: TrainingConfiguration[] = []
  const lines = text.split(/\r?\n/)
  for (let index = 0; index < lines.length; index++) {
    if (!/(?:^|[\s"'`;&|:])yolo\s+(?:detect\s+)?train\b/.test(lines[index]!) || /^\s*#/.test(lines[index]!)) continue
    const entries = new Map<string, Entry>()
    const line = index + 1
    for (;;) {
      const at = lines[index]!
      for (const match of at.matchAll(/(?<=\s)([A-Za-z_]\w*)=("[^"]*"|'[^']*'|[^\s"'`]+)/g)) {
        entries.set(match[1]!, { value: literal(match[2]!), line: index + 1 })
      }
      if (!/\\\s*$/.test(at) || index + 1 >= lines.length) break
      index++
    }
    found.push({ kind: 'command', line, entries, updates: null })
  }
  return found
}

/** As the trainer reads a value of its command line: none, true, false, a number, else text. */
function literal(word: string): unknown {
  const bare = word.replace(/^(["'])(.*)\1$/, '$2')
  const lower = bare.toLowerCase()
  if (lower === 'none') return null
  if (lower === 'true' || lower === 'false') return lower === 'true'
  return bare !== '' && Number.isFinite(Number(bare)) ? Number(bare) : bare
}
