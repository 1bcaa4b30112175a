import { type RawFinding, type Rule, wholeFinding } from '../rule.ts'

export const specMismatch: Rule = {
  id: 'spec-mismatch',
  severity: 'error',
  scope: 'dataset',
  title: 'The data is not what its spec says',
  explanation:
    'Class names and their order are declared in the spec; data with other names or another order means other things.',
  mend: 'Change the data, or the spec in its own reviewed change.',
  check: ({ dataset, spec }) => {
    if (!spec) return []
    const found: RawFinding[] = []
    if (dataset.format !== spec.format) {
      found.push(wholeFinding(`the data is ${dataset.format}, the spec says ${spec.format}`, 'format'))
    }
    const sameNames = [...dataset.classes].sort().join('\n') === [...spec.classes].sort().join('\n')
    if (sameNames && dataset.classes.join('\n') !== spec.classes.join('\n')) {
      const moved = dataset.classes.filter((name, id) => spec.classes[id] !== name).join(', ')
      found.push(wholeFinding(`the classes are in another order than in the spec: ${moved}`, 'order'))
    }
    if (sameNames) return found
    for (const name of dataset.classes.filter((name) => !spec.classes.includes(name))) {
      found.push(wholeFinding(`class "${name}" is not in the spec`, `extra ${name}`))
    }
    for (const name of spec.classes.filter((name) => !dataset.classes.includes(name))) {
      found.push(wholeFinding(`class "${name}" of the spec is not in the data`, `absent ${name}`))
    }
    return found
  },
}
