import { isNode, LineCounter, parseDocument } from 'yaml'
import { UsageError } from '../../errors.ts'
import type { LabelGrammar } from '../label-grammar.ts'

/** `kpt_shape` of a data.yaml: how many keypoints a row of a pose set has, and how many numbers each; null without. */
export function keypointShape(text: string, file: string): LabelGrammar['keypoints'] {
  if (!/^kpt_shape\s*:/m.test(text)) return null
  const lines = new LineCounter()
  const tree = parseDocument(text, { lineCounter: lines })
  const node = tree.get('kpt_shape', true)
  if (node === undefined || node === null) return null
  const value: unknown = isNode(node) ? node.toJS(tree) : node
  if (value === null) return null
  const [count, dims, ...more] = Array.isArray(value) ? (value as unknown[]) : []
  const sound = Number.isInteger(count) && (count as number) > 0 && (count as number) <= 10_000
  if (sound && (dims === 2 || dims === 3) && more.length === 0) return { count: count as number, dims }
  const line = isNode(node) && node.range ? lines.linePos(node.range[0]).line : 1
  throw new UsageError(`kpt_shape: ${JSON.stringify(value).slice(0, 100)} is not a number of points and 2 or 3`, {
    where: `${file}:${line}`,
    mend: 'write "kpt_shape: [17, 3]", or remove it where labels have no keypoints',
  })
}
