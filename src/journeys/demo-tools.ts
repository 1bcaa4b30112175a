import type { Dataset } from '../core/dataset/model.ts'
import type { ModelFacts } from '../core/synthetic/model-mutant.ts'
import type {
  Clock,
  Console,
  Dvc,
  Forge,
  Git,
  Images,
  InferenceClient,
  Progress,
  Router,
  Runtime,
  Serving,
  Storage,
  Trainer,
} from '../ports.ts'
import type { MeasureLatency } from '../steps/bench.ts'

/** A server that answers with a champion and, when there is one, a challenger. */
type RunningServer = { url: string; router: Router; close: () => Promise<void> }

/** Everything of the outside world that the demo's journeys use; the command line wires it. */
export type DemoTools = {
  storage: Storage
  images: Images
  runtime: Runtime
  trainer: Trainer
  clock: Clock
  console: Console
  measureLatency: MeasureLatency
  openGit: (root: string) => Git
  openDvc: (root: string) => Dvc
  readDataset: (path: string) => Dataset
  /** Looks at the pictures of one version after another of a folder. */
  lookAgain: (folder: string) => (dataset: Dataset) => Promise<void>
  /** Makes a symbolic link. */
  link: (path: string, target: string) => void
  /** What an ONNX file says of itself. */
  modelFacts: (path: string) => ModelFacts
  startForge: (options: { root: string; stateFile: string; repository: string }) => Promise<{
    url: string
    forge: Forge
    /** Branch protection as a team would set it: nothing merges into main without the check "sluice". */
    protect: () => Promise<void>
    close: () => Promise<void>
  }>
  startServer: (options: {
    model: string
    champion: { artifact: string; manifest: string }
    challenger: { artifact: string; manifest: string } | null
  }) => Promise<RunningServer>
  inferenceClient: (url: string, model: string) => InferenceClient
  /** Folder with the bundled specs, pipelines and gates. */
  home: string
  /** What latency is measured on, in words. */
  target: string
  signal: AbortSignal
}

/** Where the data of a story comes from: the embedded world, or somebody's own folder. */
export type DemoWorld = {
  /** Name of the data set and of the model. */
  name: string
  source: 'worksite' | 'own'
  classes: string[]
  imageSize: number
  /** Digest of the data that the story is made from; another one needs a fresh folder. */
  identity: string
  /** Facts that every report says, e.g. who drew the labels. */
  notes: string[]
  /** Specs, pipelines and gates that differ from the bundled ones: text by path in the repository. */
  declared?: Record<string, string>
  /** Writes the first version of the data set into an empty folder. */
  versionOne: (root: string, progress: Progress) => Promise<void>
  proposals: Record<'a' | 'b' | 'c', Proposal>
  /** Pictures as production would send them, PNG or JPEG bytes. */
  traffic: (count: number) => Promise<Uint8Array[]>
}

export type Proposal = {
  title: string
  about: string
  /** Drift that the proposal says it intends. */
  declaredDrift: string[]
  /** Changes the data set folder, which holds version one; returns what was planted or spoilt, for the log. */
  write: (root: string, progress: Progress) => Promise<string[]>
}

export const servingOf = (imageSize: number): Serving => ({
  imageSize,
  channels: 'RGB',
  confidence: 0.001,
  iou: 0.7,
  maxDetections: 100,
  multiLabel: false,
})
