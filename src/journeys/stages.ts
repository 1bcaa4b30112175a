import type { StoryStep } from '../core/documents/story.ts'
import type { Clock, Console, Storage } from '../ports.ts'

type StageOutcome<Result> = {
  verdict: StoryStep['verdict']
  /** One sentence with the number that decides. */
  fact: string
  pullRequest?: number
  evidence?: Record<string, string>
  /** JSON that later stages need; it is what a second start reads instead of doing the work again. */
  result: Result
}

export type Stages = {
  run: <Result>(id: string, title: string, work: () => Promise<StageOutcome<Result>>) => Promise<Result>
  steps: () => StoryStep[]
}

const signs = { pass: '✓', fail: '✗', inconclusive: '?' } as const

/** Runs a story stage by stage; a finished stage is read back, so a stopped story goes on where it was. */
export function createStages(
  ports: { storage: Storage; clock: Clock; console: Console; signal: AbortSignal },
  root: string,
): Stages {
  const { storage, clock, console, signal } = ports
  const steps: StoryStep[] = []
  const say = (step: StoryStep, again: boolean) =>
    console.log(
      `${signs[step.verdict]} ${step.id} ${step.title}: ${step.fact}${again ? ' (done before)' : ` (${step.seconds.toFixed(1)} s)`}`,
    )
  return {
    steps: () => steps,
    run: async (id, title, work) => {
      signal.throwIfAborted()
      const file = `${root}/stages/${id}.json`
      if (storage.exists(file)) {
        const saved = JSON.parse(storage.readText(file)) as { step: StoryStep; result: never }
        steps.push(saved.step)
        say(saved.step, true)
        return saved.result
      }
      const started = clock.now().getTime()
      const { verdict, fact, pullRequest = 0, evidence = {}, result } = await work()
      const seconds = (clock.now().getTime() - started) / 1000
      const step: StoryStep = { id, title, verdict, fact, seconds, pullRequest, evidence }
      storage.write(file, JSON.stringify({ step, result }, null, 2))
      steps.push(step)
      say(step, false)
      return result
    },
  }
}
