import { firstFew, type RawFinding, type Rule, wholeFinding } from '../rule.ts'

export const classNames: Rule = {
  id: 'class-names',
  severity: 'warning',
  scope: 'dataset',
  title: 'Names of classes are easily taken for each other, or for something else',
  explanation:
    'Two names that differ only in case, spaces or Unicode form are one class to a reader and two to a model. Signs that HTML, tables, shells or mentions read, and marks that cannot be seen, do harm where a name is printed.',
  mend: 'Rename or merge the classes with a migration (docs/migrations.md).',
  check: ({ dataset: { classes } }) => {
    const found: RawFinding[] = []
    const groups = new Map<string, string[]>()
    for (const name of new Set(classes)) {
      const key = name
        .normalize('NFKC')
        .toLowerCase()
        .replaceAll(/[\s_-]+/gu, ' ')
        .trim()
      groups.set(key, [...(groups.get(key) ?? []), name])
    }
    for (const twins of groups.values()) {
      if (twins.length < 2) continue
      const message = `${firstFew(twins.map((name) => JSON.stringify(name)))} differ only in case, spaces or form`
      found.push(wholeFinding(message, `twins ${twins.sort().join(' ')}`))
    }
    for (const name of classes) {
      const what = oddity(name)
      if (what) found.push(wholeFinding(`class ${JSON.stringify(name)} ${what}`, `odd ${name}`))
    }
    return found
  },
}

function oddity(name: string): string | null {
  if (name !== name.trim()) return 'begins or ends with a space'
  if (/[<>|`]|^@|::|\$\(/u.test(name)) return 'has signs that HTML, tables, shells or mentions read'
  // A zero-width joiner holds an emoji or a ligature together; others only hide.
  if (/[\u00ad\u200b\u200e\u200f\u2060\ufeff]/u.test(name)) return 'has marks that cannot be seen'
  return name.length > 64 ? `is ${name.length} characters long` : null
}
