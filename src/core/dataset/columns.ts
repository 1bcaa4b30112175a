import type { BoxColumns } from './model.ts'

/** Grows box columns row by row; `finish` gives arrays of exactly the rows added. */
export type BoxColumnsBuilder = {
  readonly count: number
  add: (image: number, classId: number, cx: number, cy: number, w: number, h: number, line: number) => void
  finish: () => BoxColumns
  /** As `finish` without a copy: the arrays are views of the builder's own, which must not be added to any more. */
  view: () => BoxColumns
}

/** Columns that double when full, so that n rows cost O(n) copies. */
export function boxColumnsBuilder(capacity = 1024): BoxColumnsBuilder {
  let columns = allocate(Math.max(1, capacity))
  let count = 0
  return {
    get count() {
      return count
    },
    add: (image, classId, cx, cy, w, h, line) => {
      if (count === columns.line.length) columns = copied(columns, count * 2)
      columns.image[count] = image
      columns.classId[count] = classId
      columns.cx[count] = cx
      columns.cy[count] = cy
      columns.w[count] = w
      columns.h[count] = h
      columns.line[count] = line
      count++
    },
    finish: () => ({ ...copied(columns, count), count }),
    view: () => ({
      count,
      image: columns.image.subarray(0, count),
      classId: columns.classId.subarray(0, count),
      cx: columns.cx.subarray(0, count),
      cy: columns.cy.subarray(0, count),
      w: columns.w.subarray(0, count),
      h: columns.h.subarray(0, count),
      line: columns.line.subarray(0, count),
    }),
  }
}

/** Columns of rows given as objects; for small data sets and tests. */
export function boxColumnsOf(
  rows: { image: number; classId: number; cx: number; cy: number; w: number; h: number; line: number }[],
): BoxColumns {
  const builder = boxColumnsBuilder(rows.length)
  for (const row of rows) builder.add(row.image, row.classId, row.cx, row.cy, row.w, row.h, row.line)
  return builder.finish()
}

function allocate(capacity: number): BoxColumns {
  return {
    count: 0,
    image: new Uint32Array(capacity),
    classId: new Int32Array(capacity),
    cx: new Float64Array(capacity),
    cy: new Float64Array(capacity),
    w: new Float64Array(capacity),
    h: new Float64Array(capacity),
    line: new Uint32Array(capacity),
  }
}

function copied(from: BoxColumns, capacity: number): BoxColumns {
  const to = allocate(capacity)
  const rows = Math.min(capacity, from.line.length)
  to.image.set(from.image.subarray(0, rows))
  to.classId.set(from.classId.subarray(0, rows))
  to.cx.set(from.cx.subarray(0, rows))
  to.cy.set(from.cy.subarray(0, rows))
  to.w.set(from.w.subarray(0, rows))
  to.h.set(from.h.subarray(0, rows))
  to.line.set(from.line.subarray(0, rows))
  return to
}
