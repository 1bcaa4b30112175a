/** One-sided bounds of one model's score: above the first with 95 %, below the second with 99 %. */
export type Bounds = { lower95: number; upper99: number } | null

/** One release with what is known of it; null where its evidence was not found. */
export type ReleaseRecord = {
  tag: string
  version: string
  commit: string
  /** Digest of the labels it was trained on, and how many images. */
  labels: string | null
  trainImages: number | null
  /** What it was measured on. */
  validation: { set: string | null; images: number; scenes: number } | null
  map: number | null
  map50: number | null
  interval: Bounds
  map50Interval: Bounds
  /** Mean over the classes at the operating point, which two releases may have chosen otherwise. */
  recall: { value: number; confidence: number; iou: number; interval: Bounds } | null
  /** Gap between confidence and precision; nobody computes its error. */
  ece: number | null
  perClass: { className: string; ap: number; boxes: number; interval: Bounds }[]
  /** Against the champion of its day; below 1 is faster. */
  latency: { target: string; value: number; low: number | null; high: number | null } | null
  verdict: string | null
  /** Evidence that the manifest names and that was not found, or other words on what is not known. */
  missing: string[]
}

/** Releases of each model, oldest first. */
export type ReleaseHistory = { models: { model: string; releases: ReleaseRecord[] }[]; searched: string[] }
