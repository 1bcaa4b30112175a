/** What is wrong with a segmentation of polygons, in words; null when nothing is, or when it is no list. */
export function segmentationProblem(segmentation: unknown): string | null {
  if (!Array.isArray(segmentation)) return null
  for (const polygon of segmentation as unknown[]) {
    if (!Array.isArray(polygon)) return 'a polygon that is not a list of numbers'
    if (polygon.length < 6) return `a polygon of ${polygon.length} numbers; three points are six`
    if (polygon.length % 2 === 1) return `a polygon of ${polygon.length} numbers, which is odd`
    if (!polygon.every((value) => typeof value === 'number')) return 'a polygon that is not a list of numbers'
  }
  return null
}

/** What is wrong with a run-length mask, {counts, size: [height, width]}; compressed counts are only looked at. */
export function crowdProblem(segmentation: unknown): string | null {
  if (segmentation === null || typeof segmentation !== 'object' || Array.isArray(segmentation)) return null
  const { counts, size } = segmentation as { counts?: unknown; size?: unknown }
  const whole = (value: unknown) => Number.isInteger(value) && (value as number) >= 0
  if (!Array.isArray(size) || size.length !== 2 || !size.every(whole)) return 'a mask without a size [height, width]'
  if (typeof counts === 'string') return null
  if (!Array.isArray(counts) || !counts.every(whole)) return 'run lengths that are not whole numbers from 0'
  const sum = (counts as number[]).reduce((total, count) => total + count, 0)
  const pixels = (size[0] as number) * (size[1] as number)
  return sum === pixels ? null : `run lengths of ${sum} pixels for a mask of ${pixels}`
}
