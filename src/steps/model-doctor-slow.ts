import type { DeclaredText } from '../core/documents/declared.ts'
import type { VerdictLine } from '../core/documents/verdict.ts'
import { readPolicy } from '../core/judge/policy.ts'
import type { Progress, Serving, Storage } from '../ports.ts'
import { bench, type MeasureLatency } from './bench.ts'
import { type Evaluated, judgeBy, type Setting, subjectOf } from './model-doctor-judge.ts'
import { type Draft, lacking, type ModelDoctorLine, outcomeOf, stopsOf } from './model-doctor-report.ts'

type SlowPorts = { measure: MeasureLatency | null; storage: Storage; progress?: Progress }

type SlowInput = {
  model: string
  split: string
  serving: Serving
  threads: number
  folder: string
  latency: { target: string; runs: number | null; imagesPerRun: number }
}

/** Fewer say nothing with the confidence that a ratio is judged by. */
const leastRuns = 10

/** The model against itself, and against itself with twice the work for every picture, in fresh processes. */
export async function plantSlow(
  { measure, storage }: SlowPorts,
  input: SlowInput,
  setting: Setting,
  { own, champion }: { own: Evaluated; champion: Evaluated },
): Promise<{ line: ModelDoctorLine; note: string | null }> {
  const line: Draft = { id: 'slow', summary: 'twice the work for every picture', control: false, map: null }
  if (!measure) return { line: lacking(line, 'latency is not measured here'), note: null }
  const asked = runsAskedFor(setting.policies)
  const runs = input.latency.runs ?? asked
  if (runs < asked) {
    const reason = `${runs} runs an arm, and the policy judges latency from ${asked} on`
    return { line: lacking(line, reason), note: `latency is not judged: ${reason}` }
  }
  const images = setting.dataset.images.flatMap(({ split, file }) =>
    split === input.split ? `${setting.dataset.root}/${file}` : [],
  )
  const subject = subjectOf(own, champion)
  const copy = `${input.folder}/candidate.onnx`
  storage.write(copy, storage.read(input.model))
  const judge = async (slowdown?: number): Promise<VerdictLine[]> => {
    const { serving, threads } = input
    const arms = {
      baseline: { name: 'champion', artifact: input.model },
      candidate: { name: 'candidate', artifact: copy },
    }
    const document = await bench(
      { measure, storage },
      { ...arms, images, serving, threads, ...input.latency, runs, slowdown, subject: { ...subject } },
    )
    return judgeBy(setting, [document], subject)
  }
  const still = stopsOf(await judge())
  const found = await outcomeOf(line, still, () => judge(2))
  const note = still[0] ? `this machine is too noisy for the latency gate: ${still[0].reason}` : null
  // Where not even the model against itself is decided, nothing is said of the gate.
  return { line: note && found.outcome === 'survived' ? lacking(line, note) : found, note }
}

function runsAskedFor(policies: readonly DeclaredText[]): number {
  const lines = policies.flatMap(({ yaml, file }) => readPolicy(yaml, file).gates ?? [])
  const asked = lines.filter(({ evidence }) => evidence === 'Latency').map(({ minimumUnits = 0 }) => minimumUnits)
  return Math.max(leastRuns, ...asked)
}
