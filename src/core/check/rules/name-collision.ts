import type { RawFinding, Rule } from '../rule.ts'

export const nameCollision: Rule = {
  id: 'name-collision',
  severity: 'error',
  scope: 'dataset',
  title: 'Names collide',
  explanation:
    'The images a.jpg and a.png share one label file, and names that differ only in case are one file on Windows and macOS.',
  mend: 'Rename one of the two.',
  check: ({ dataset }) => {
    const found: RawFinding[] = []
    const seen = new Map<string, string>()
    for (const image of dataset.images) {
      const folded = image.name.toLowerCase()
      const earlier = seen.get(folded)
      if (earlier === undefined) seen.set(folded, image.file)
      else {
        const message = `its name collides with ${earlier}`
        found.push({ file: image.file, line: 0, image: image.name, message, key: `${folded} ${earlier}` })
      }
    }
    return found
  },
}
