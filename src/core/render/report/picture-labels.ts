/** A rectangle in pixels of the picture. */
export type Area = { left: number; top: number; right: number; bottom: number }
export type Placed = { x: number; baseline: number; text: string }

/** Half an em is wider than the mean letter of a bold system font; so a label never runs into its neighbour. */
const letterWidth = 0.58

/**
 * Where each label goes, pixels of the picture: above its box, or at another corner where nothing is written yet.
 * A label that finds no room is left out (null): the picture's text alternative counts its boxes anyway.
 */
export function placeLabels(
  boxes: { area: Area; text: string; rank: number }[],
  picture: { width: number; height: number },
  size: number,
): (Placed | null)[] {
  const taken: Area[] = []
  const answer: (Placed | null)[] = boxes.map(() => null)
  const order = boxes.map((_, i) => i).sort((a, b) => (boxes[a]?.rank ?? 0) - (boxes[b]?.rank ?? 0))
  for (const i of order) {
    const box = boxes[i]
    if (!box || box.text === '') continue
    const width = box.text.length * size * letterWidth
    const spots = corners(box.area, width, size).map(([x, top]) => ({
      left: Math.max(1, Math.min(picture.width - width - 1, x)),
      top,
    }))
    const free = spots
      .map(({ left, top }): Area => ({ left, top, right: left + width, bottom: top + size }))
      .find((spot) => spot.top >= 0 && spot.bottom <= picture.height && !taken.some((other) => overlap(spot, other)))
    if (!free) continue
    taken.push(free)
    answer[i] = { x: free.left, baseline: free.bottom - size * 0.2, text: box.text }
  }
  return answer
}

/** Above left, inside top left, above right, below left, inside bottom left. */
function corners({ left, top, right, bottom }: Area, width: number, size: number): [number, number][] {
  return [
    [left, top - size - 1],
    [left + 2, top + 1],
    [right - width, top - size - 1],
    [left, bottom + 1],
    [left + 2, bottom - size - 1],
  ]
}

function overlap(a: Area, b: Area): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
