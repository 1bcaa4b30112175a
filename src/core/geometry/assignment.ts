/**
 * The assignment of rows to columns with the least total cost (Kuhn 1955, Munkres 1957, by shortest augmenting paths
 * with potentials, O(rows² · columns)). `cost` is row-major, rows × columns, finite. Returns each row's column, or -1
 * where there are more rows than columns.
 */
export function assign(cost: Float64Array, rows: number, columns: number): Int32Array {
  if (rows > columns) return invert(assign(transpose(cost, rows, columns), columns, rows), rows)
  // Index 0 is a dummy row and column; real ones count from 1.
  const rowPotential = new Float64Array(rows + 1)
  const columnPotential = new Float64Array(columns + 1)
  const rowOf = new Int32Array(columns + 1)
  const previous = new Int32Array(columns + 1)
  const least = new Float64Array(columns + 1)
  const visited = new Uint8Array(columns + 1)
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row
    let column = 0
    least.fill(Infinity)
    visited.fill(0)
    do {
      visited[column] = 1
      const from = rowOf[column] as number
      const offset = (from - 1) * columns - 1
      let delta = Infinity
      let next = 0
      for (let j = 1; j <= columns; j++) {
        if (visited[j]) continue
        const reduced = (cost[offset + j] as number) - (rowPotential[from] as number) - (columnPotential[j] as number)
        if (reduced < (least[j] as number)) {
          least[j] = reduced
          previous[j] = column
        }
        if ((least[j] as number) < delta) {
          delta = least[j] as number
          next = j
        }
      }
      for (let j = 0; j <= columns; j++) {
        if (visited[j]) {
          rowPotential[rowOf[j] as number]! += delta
          columnPotential[j]! -= delta
        } else least[j]! -= delta
      }
      column = next
    } while (rowOf[column] !== 0)
    while (column !== 0) {
      const before = previous[column] as number
      rowOf[column] = rowOf[before] as number
      column = before
    }
  }
  const columnOf = new Int32Array(rows).fill(-1)
  for (let j = 1; j <= columns; j++) if (rowOf[j]) columnOf[(rowOf[j] as number) - 1] = j - 1
  return columnOf
}

function transpose(cost: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = cost[i * columns + j] as number
  return out
}

function invert(columnOf: Int32Array, count: number): Int32Array {
  const out = new Int32Array(count).fill(-1)
  for (const [row, column] of columnOf.entries()) if (column >= 0) out[column] = row
  return out
}
