import type { Forge } from '../ports.ts'

const kept = ['pullRequest', 'pullRequestsFrom', 'baseChanges', 'reviews', 'runs'] as const
type Kept = (typeof kept)[number]

/** A forge that is asked once for what several checks of one report need: all of them see the same, for fewer calls. */
export function askedOnce(forge: Forge): Forge {
  const answers = new Map<string, Promise<unknown>>()
  const once =
    <K extends Kept>(name: K) =>
    (...args: Parameters<Forge[K]>) => {
      const key = JSON.stringify([name, ...args])
      const ask = forge[name] as (...of: Parameters<Forge[K]>) => Promise<unknown>
      if (!answers.has(key)) answers.set(key, ask(...args))
      return answers.get(key)
    }
  return { ...forge, ...(Object.fromEntries(kept.map((name) => [name, once(name)])) as unknown as Pick<Forge, Kept>) }
}
