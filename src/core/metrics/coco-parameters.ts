/** COCO's IoU thresholds .50, .55 … .95, bit for bit as numpy.linspace gives them. */
export const iouThresholds = Float64Array.from({ length: 10 }, (_, i) =>
  i === 9 ? 0.95 : 0.5 + i * ((0.95 - 0.5) / 9),
)

/** COCO's recall levels 0, .01 … 1, as numpy.linspace gives them. */
export const recallLevels = Float64Array.from({ length: 101 }, (_, i) => (i === 100 ? 1 : i * 0.01))

/** An area in square pixels; both ends belong to the range, so 1024 is small and medium. */
export type AreaRange = { name: string; low: number; high: number }

export const areaRanges: readonly AreaRange[] = [
  { name: 'all', low: 0, high: 1e10 },
  { name: 'small', low: 0, high: 1024 },
  { name: 'medium', low: 1024, high: 9216 },
  { name: 'large', low: 9216, high: 1e10 },
]

/** Detections that count per image and class, best scores first. */
export const detectionLimits = [1, 10, 100] as const
export const maxDetections = 100

/** One bit a threshold. */
export const allThresholds = 1023

/** numpy.spacing(1), which COCO adds to the number of detections before it divides. */
export const spacing = 2.220446049250313e-16
