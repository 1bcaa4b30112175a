import type { Head } from './core/detect/decode.ts'
import type { ServingSettings } from './core/detect/model.ts'
import type { DetectionColumns } from './core/metrics/columns.ts'
import type { RouterStatus } from './core/rollout/tally.ts'

export type {
  Annotation,
  CheckConclusion,
  Forge,
  PullRequest,
  ReleaseAsset,
  Review,
  WorkflowRun,
} from './forge-port.ts'

/** Progress of one piece of work; `done` of `total`, with a word on what is being done. */
export type Progress = {
  update: (done: number, total: number, note?: string) => void
  end: (summary?: string) => void
}

/** How a command speaks: text to people on stderr, results on stdout. */
export type Console = {
  /** A line of result on stdout. */
  print: (line: string) => void
  /** A line of log on stderr. */
  log: (line: string) => void
  /** Starts a bar on a terminal, two plain lines elsewhere. */
  progress: (label: string) => Progress
  color: boolean
  interactive: boolean
}

export type Clock = { now: () => Date; sleep: (ms: number, signal?: AbortSignal) => Promise<void> }

/** Files of a workspace, by absolute path; a write is whole or not at all. */
export type Storage = {
  read: (path: string) => Uint8Array
  readText: (path: string) => string
  write: (path: string, content: string | Uint8Array) => void
  exists: (path: string) => boolean
  /** Paths of all files below a folder, relative to it, sorted, forward slashes. */
  list: (folder: string) => string[]
  remove: (path: string) => void
}

/** Decodes and encodes pictures; upright, 8-bit RGB. */
export type Images = {
  decode: (bytes: Uint8Array) => Promise<Picture>
  encodePng: (picture: Picture) => Promise<Uint8Array>
  /** Shrunk to `longestSide` pixels when it is larger. */
  encodeJpeg: (picture: Picture, quality: number, longestSide?: number) => Promise<Uint8Array>
}

/** A git repository's work tree; paths are relative to it. */
export type Git = {
  root: string
  init: (branch: string) => Promise<void>
  /** Adds the paths and commits; returns the commit, or null when nothing changed. */
  commit: (message: string, paths: string[]) => Promise<string | null>
  /** Full commit id of a revision; UsageError when it names nothing. */
  resolve: (revision: string) => Promise<string>
  /** When a commit was made, RFC 3339 in UTC. */
  date: (revision: string) => Promise<string>
  branch: (name: string, from: string) => Promise<void>
  /** Branches of `origin`, as they were when it was last fetched, whose name begins so. */
  remoteBranches: (prefix: string) => Promise<string[]>
  checkout: (revision: string) => Promise<void>
  currentBranch: () => Promise<string>
  /** Throws away whatever is not committed, ignored files apart; for work trees that are ours alone. */
  discardChanges: () => Promise<void>
  /** Merges a branch with a merge commit; ToolError names the conflicting files. */
  merge: (branch: string, message: string) => Promise<string>
  mergeBase: (a: string, b: string) => Promise<string>
  /** Every one of them: history that was merged crosswise has several. */
  mergeBases: (a: string, b: string) => Promise<string[]>
  /** Whether a branch was ever at a commit: the commit is among its first parents, and not in something merged. */
  isOnLine: (revision: string, commit: string) => Promise<boolean>
  /** Bytes of a file at a revision; null when it is not there. */
  show: (revision: string, path: string) => Promise<Uint8Array | null>
  changedFiles: (from: string, to: string) => Promise<string[]>
  /** Paths of the files below a folder at a revision, from the root, sorted; none where there is no such folder. */
  list: (revision: string, folder: string) => Promise<string[]>
  /** An annotated tag with a fixed date, so that the same content gives the same object. */
  tag: (name: string, revision: string, message: string, date: string) => Promise<void>
  /** Annotated tags; `date` is the tagger's, RFC 3339. */
  tags: (pattern: string) => Promise<{ name: string; commit: string; message: string; date: string }[]>
}

/** DVC's own command line; readers of its files are native. */
export type Dvc = {
  init: () => Promise<void>
  addRemote: (name: string, url: string) => Promise<void>
  /** Tracks files or folders; returns the .dvc files it wrote. */
  add: (paths: string[]) => Promise<string[]>
  push: (targets?: string[]) => Promise<void>
  pull: (targets?: string[]) => Promise<void>
  checkout: (targets?: string[]) => Promise<void>
}

export type TrainJob = {
  role: 'champion' | 'candidate' | 'control' | 'smoke' | 'smoke-shuffled'
  pipeline: string
  /** Model definition (.yaml) or weights (.pt), absolute. */
  model: string
  /** Absolute image paths; each label file is where Ultralytics looks for it. */
  train: string[]
  /** Empty: the training images are also validated. */
  val: string[]
  /** Label file of each training image, in their order; left out where Ultralytics looks for them. */
  labels?: string[]
  classes: string[]
  imageSize: number
  epochs: number
  /** Stops after exactly this many optimizer updates, in the middle of an epoch if need be. */
  updates?: number
  seed: number
  threads: number
  /** Further arguments for the trainer, by its own names. */
  arguments: Record<string, unknown>
  /** Folder for results; made if missing. */
  output: string
}

export type TrainResult = {
  best: string
  last: string
  tensors: string
  log: string
  startedFrom: string | null
  version: string
  environment: Record<string, string>
  arguments: Record<string, unknown>
  updates: number
  epochs: number
  seconds: number
  peakMemoryMiB: number
  curve: { epoch: number; boxLoss: number; classLoss: number; dflLoss: number; learningRate: number }[]
  trainerMetrics: { map50: number; map: number }
}

export type ExportFormat = 'onnx' | 'onnx-fp16' | 'onnx-int8' | 'onnx-int8-all' | 'openvino' | 'tflite' | 'engine'
export type ExportJob = {
  weights: string
  imageSize: number
  output: string
  formats: ExportFormat[]
  /** Images for INT8 calibration; may not touch validation. */
  calibration: string[]
  /** Of those images; written into each INT8 artefact. */
  calibrationDigest?: string
  threads: number
}
/** `missing` says what a format lacks that was not exported; its path is then empty. */
export type ExportResult = { format: ExportFormat; path: string; seconds: number; missing?: string }[]

export type Trainer = {
  name: string
  train: (job: TrainJob, progress: Progress, signal?: AbortSignal) => Promise<TrainResult>
  export: (job: ExportJob, progress: Progress, signal?: AbortSignal) => Promise<ExportResult>
  /** The trainer's own validation, for comparison with ours. */
  validate: (job: {
    model: string
    images: string[]
    classes: string[]
    imageSize: number
    threads: number
    output: string
  }) => Promise<{ map50: number; map: number; perClass: number[] }>
}

/** A picture in memory: 8-bit RGB rows, 3 bytes a pixel. */
export type Picture = { width: number; height: number; rgb: Uint8Array }

/** How predictions are served; part of an artefact's identity. */
export type Serving = ServingSettings

/** A network's one output, row by row, and how it is laid out. */
export type OutputTensor = { values: Float32Array; head: Head }

/** A loaded model. */
export type Detector = {
  artifact: string
  /** 0 when neither the file nor its output tells. */
  classCount: number
  /** Names by id that the file carries; null when it carries none. */
  classNames?: string[] | null
  /** Digest of the images that INT8 was calibrated with, where the file names one. */
  calibration?: string | null
  predict: (picture: Picture) => Promise<DetectionColumns>
  /** The output as the network gives it, before anything is left out; where the runtime can tell. */
  tensor?: (picture: Picture) => Promise<OutputTensor>
  release: () => Promise<void>
}

export type Runtime = { load: (artifact: string, serving: Serving, threads: number) => Promise<Detector> }

/** Traffic between champion and challenger: observed and set, never remembered. */
export type Router = {
  /** ToolError when it cannot be reached or says something that is no status. */
  status: () => Promise<RouterStatus>
  /** The weight falls back to 0 when it is not renewed within the lease; null keeps it. */
  setWeight: (weight: { challenger: number; shadow: boolean; leaseSeconds: number | null }) => Promise<void>
  /** Takes another challenger with a new epoch; null takes it away. Paths are the server's. */
  setChallenger: (source: { artifact: string; manifest?: string } | null) => Promise<void>
}

/** A client of the served model. */
export type InferenceClient = {
  /** One encoded picture; ToolError for anything but an answer. */
  infer: (image: Uint8Array, id: string, signal?: AbortSignal) => Promise<{ arm: string; boxes: number }>
}
