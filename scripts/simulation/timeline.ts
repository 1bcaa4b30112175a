/** Virtual time: what happens when, one thing after another, and nothing of it waits in real time. */
export type Timeline = {
  now: () => number
  after: (ms: number, happen: () => void | Promise<void>) => void
  /** Until nothing is left to happen; false when there is still something after `most` events. */
  run: (most: number) => Promise<boolean>
}

/** `isIdle` says whether everybody waits for something that is to happen. */
export function timelineFrom(start: number, isIdle: () => boolean): Timeline {
  let now = start
  let order = 0
  const events: { at: number; order: number; happen: () => void | Promise<void> }[] = []
  const next = () => {
    let first = 0
    for (let i = 1; i < events.length; i++) {
      const [a, b] = [events[i], events[first]] as [(typeof events)[0], (typeof events)[0]]
      if (a.at < b.at || (a.at === b.at && a.order < b.order)) first = i
    }
    return events.splice(first, 1)[0]
  }
  return {
    now: () => now,
    after: (ms, happen) => void events.push({ at: now + ms, order: order++, happen }),
    run: async (most) => {
      for (let left = most; left > 0; left--) {
        // Whatever follows from the last event is over once the queue of promises is empty and nobody loads a module.
        do await new Promise(setImmediate)
        while (!isIdle())
        const event = next()
        if (!event) return true
        now = event.at
        await event.happen()
      }
      return events.length === 0
    },
  }
}
