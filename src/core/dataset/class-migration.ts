import type { ClassMigrationBody } from '../documents/declared.ts'
import type { Problem } from '../documents/parse.ts'
import { nearest } from '../documents/suggest.ts'
import { boxKey } from './provenance.ts'

type Operation = NonNullable<ClassMigrationBody['operations']>[number]
type Box = readonly [cx: number, cy: number, w: number, h: number]

/** What becomes of one class: another id, nothing (null), or one of two ids by box. */
export type Fate =
  | { to: number | null }
  | { picks: (image: string, box: Box) => boolean; to: number; otherwise: number }

/** What becomes of each class id of `from`, as a list by id; the migration has to be sound (`migrationProblems`). */
export function fatesOf(migration: ClassMigrationBody): Fate[] {
  const id = (name: string | undefined) => migration.to.indexOf(name ?? '')
  return migration.from.map((name) => {
    const operation = operationFor(migration, name)
    if (!operation) return { to: id(name) }
    if (operation.delete !== undefined) return { to: null }
    if (operation.split === undefined) return { to: id(operation.to) }
    return {
      picks: picker(operation, migration.from.indexOf(name)),
      to: id(operation.to),
      otherwise: id(operation.otherwise),
    }
  })
}

/** The id of a box after the migration; null when it is deleted. */
export function migratedClass(fate: Fate, image: string, box: Box): number | null {
  return 'picks' in fate ? (fate.picks(image, box) ? fate.to : fate.otherwise) : fate.to
}

/** Every id that boxes of a class may get. */
export function targetsOf(fate: Fate): number[] {
  return 'picks' in fate ? [fate.to, fate.otherwise] : fate.to === null ? [] : [fate.to]
}

function picker(operation: Operation, classId: number): (image: string, box: Box) => boolean {
  const listed = new Set(
    (operation.boxes ?? []).map(({ image, box }) => `${image.normalize('NFC')} ${key(classId, box)}`),
  )
  const { measure, below } = operation.when ?? { measure: 'area', below: 0 }
  const size = { width: (box: Box) => box[2], height: (box: Box) => box[3], area: (box: Box) => box[2] * box[3] }[
    measure
  ]
  return (image, box) => size(box) < below || listed.has(`${image} ${key(classId, box)}`)
}

function key(classId: number, box: readonly number[]): string {
  const [cx = 0, cy = 0, w = 0, h = 0] = box
  return boxKey(classId, cx, cy, w, h)
}

function operationFor({ operations = [] }: ClassMigrationBody, name: string): Operation | undefined {
  return operations.find((operation) => namesOf(operation).includes(name))
}

/** Names of the old class map that an operation speaks of. */
function namesOf({ rename, merge = [], delete: gone, split }: Operation): string[] {
  return [rename, ...merge, gone, split].filter((name) => name !== undefined)
}

/** What the schema of a migration cannot tell: names that are nowhere, classes that nothing is said about, silent moves. */
export function migrationProblems(migration: ClassMigrationBody): Problem[] {
  const { from, to, operations = [] } = migration
  const problems: Problem[] = []
  for (const [side, names] of Object.entries({ from, to })) {
    const twice = names.findIndex((name, i) => names.indexOf(name) < i)
    if (twice >= 0)
      problems.push({ pointer: `/${side}/${twice}`, message: `${side}: "${names[twice]}" is there twice` })
  }
  if (from.join('\n') === to.join('\n')) problems.push({ pointer: '/to', message: 'to is from: nothing would change' })
  for (const [i, operation] of operations.entries()) {
    const message = operationProblem(operation, migration)
    if (message) problems.push({ pointer: `/operations/${i}`, message })
  }
  for (const [i, name] of from.entries()) {
    const times = operations.filter((operation) => namesOf(operation).includes(name)).length
    const at = `/from/${i}`
    if (times > 1) problems.push({ pointer: at, message: `${times} operations speak of "${name}"` })
    if (times > 0 || to.includes(name)) continue
    const hint = nearest(name, to)
    const near = hint ? `; a rename to "${hint}"?` : ''
    problems.push({ pointer: at, message: `"${name}" is not in to, and no operation says what becomes of it${near}` })
  }
  if (problems.length === 0 && !migration.reorder && !inOrder(migration)) {
    const message = 'names that stay change their order: say "reorder: true" if that is meant'
    problems.push({ pointer: '/to', message })
  }
  return problems
}

function operationProblem(operation: Operation, { from, to }: ClassMigrationBody): string | null {
  const { rename, merge, delete: gone, split, boxes, when, otherwise } = operation
  const kinds = Object.entries({ rename, merge, delete: gone, split }).filter(([, value]) => value !== undefined)
  const [kind] = kinds
  if (kinds.length !== 1 || !kind) return 'an operation is one of rename, merge, delete, split'
  const stranger = namesOf(operation).find((name) => !from.includes(name))
  if (stranger !== undefined) {
    const hint = nearest(stranger, from)
    return `"${stranger}" is not in from${hint ? `; did you mean "${hint}"?` : ''}`
  }
  const extra =
    (kind[0] !== 'split' && (boxes ?? when ?? otherwise) !== undefined) || (gone !== undefined && operation.to)
  if (extra) return `${kind[0]} takes no further keys${gone === undefined ? ' but to' : ''}`
  if (gone !== undefined) return to.includes(gone) ? `"${gone}" is deleted and still in to` : null
  const targets = split === undefined ? { to: operation.to } : { to: operation.to, otherwise }
  for (const [key, name] of Object.entries(targets)) {
    if (name === undefined) return `${kind[0]} needs "${key}"`
    if (!to.includes(name)) return `${key}: "${name}" is not among the names of to`
  }
  if (split !== undefined) {
    if (!boxes && !when) return 'split needs boxes, or when { measure, below }'
    return operation.to === otherwise ? 'split gives both parts the same name' : null
  }
  // Into a name that stays only a merge may go: a rename onto it would mix two classes in silence.
  const target = operation.to as string
  if (rename !== undefined && from.includes(target) && to.includes(target) && rename !== target) {
    return `"${target}" is a class already: rename would mix the two; write merge: [${rename}, ${target}]`
  }
  return null
}

/** Whether names that stay (renames followed) keep their order among each other; splits and merges are not counted. */
function inOrder(migration: ClassMigrationBody): boolean {
  const { from, to } = migration
  const places = from.flatMap((name) => {
    const operation = operationFor(migration, name)
    if (!operation) return [to.indexOf(name)]
    return operation.rename === undefined ? [] : [to.indexOf(operation.to as string)]
  })
  return places.every((place, i) => i === 0 || (places[i - 1] as number) < place)
}
