import type { Progress } from '../ports.ts'

/** One bar for two pieces of work that run side by side; it ends when both have. */
export function halves(whole: Progress): [Progress, Progress] {
  const done = [0, 0]
  let open = 2
  const half = (index: 0 | 1): Progress => ({
    update: (now, total, note) => {
      done[index] = total > 0 ? now / total : 0
      whole.update((done[0] ?? 0) + (done[1] ?? 0), 2, note)
    },
    end: (summary) => {
      done[index] = 1
      open--
      if (open === 0) whole.end(summary)
    },
  })
  return [half(0), half(1)]
}
