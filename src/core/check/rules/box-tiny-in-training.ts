import { rowRule } from '../row-rule.ts'
import type { RowView } from '../rule.ts'

/** Longer side of an image in training, as Ultralytics scales it by default. */
const trainingSide = 640

export const boxTinyInTraining = rowRule({
  id: 'box-tiny-in-training',
  severity: 'warning',
  title: 'A box is too small to be seen in training',
  explanation:
    'Large images are scaled so that their longer side is 640 pixels. An object of under two pixels is then gone, and the model is asked for it all the same.',
  mend: 'Train at a larger size or on tiles, remove the box, or lower the limit in the policy if you do.',
  limit: { value: 2, meaning: 'pixels that the shorter side has at least after scaling to 640 pixels' },
  fails: (row, { limit, limitOf }) =>
    shorterSide(row) * scale(row) < limit - 1e-6 && shorterSide(row) >= limitOf('box-tiny') - 1e-6,
  message: (row) => {
    const [w, h] = [row.widthPx * scale(row), row.heightPx * scale(row)].map((side) => Number(side.toFixed(1)))
    return `a box of ${w} × ${h} px once the image is scaled to ${trainingSide} px`
  },
})

function shorterSide({ widthPx, heightPx }: RowView): number {
  return Math.min(widthPx, heightPx)
}

/** Images that are smaller are not looked at here: enlarging makes nothing visible. */
function scale({ imageWidth, imageHeight }: RowView): number {
  return Math.min(1, trainingSide / Math.max(imageWidth, imageHeight))
}
