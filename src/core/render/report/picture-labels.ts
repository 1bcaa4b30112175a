import type { Box } from '../../geometry/boxes.ts'

export type Placed = { x: number; baseline: number; text: string }

/** In ems, a little over the mean letter of a bold system font, so that a label never runs into its neighbour. */
const letterWidth = 0.64

/**
 * Where each label goes, pixels of the picture: above its box, or at another corner where nothing is written yet; the
 * first boxes choose first. A label without room is left out: the picture's text alternative names all boxes.
 */
export function placeLabels(
  boxes: { area: Box; text: string }[],
  picture: { width: number; height: number },
  size: number,
): Placed[] {
  const taken: Box[] = []
  return boxes.flatMap(({ area, text }) => {
    if (text === '') return []
    const width = text.length * size * letterWidth
    const free = corners(area, width, size)
      .map(([x, y1]): Box => {
        const x1 = Math.max(1, Math.min(picture.width - width - 1, x))
        return { x1, y1, x2: x1 + width, y2: y1 + size }
      })
      .find((spot) => spot.y1 >= 0 && spot.y2 <= picture.height && !taken.some((other) => overlap(spot, other)))
    if (!free) return []
    taken.push(free)
    return [{ x: free.x1, baseline: free.y2 - size * 0.2, text }]
  })
}

/** Above left, inside top left, above right, below left, inside bottom left. */
function corners({ x1, y1, x2, y2 }: Box, width: number, size: number): [number, number][] {
  return [
    [x1, y1 - size - 2],
    [x1 + 2, y1 + 1],
    [x2 - width, y1 - size - 2],
    [x1, y2 + 1],
    [x1 + 2, y2 - size - 1],
  ]
}

function overlap(a: Box, b: Box): boolean {
  return a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2
}
