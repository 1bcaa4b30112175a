import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/**
 * Ends a run with one plain line: "N passed, N failed". A file that does not load counts as a failure. Where
 * SLUICE_TALLY names a file, the counts go there instead, and scripts/run-tests.mjs writes the line.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0
    let failed = errors.length
    let skipped = 0
    for (const module of modules) {
      failed += module.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed++
        else if (state === 'skipped') skipped++
        else failed++
      }
    }
    const { SLUICE_TALLY: file } = process.env
    const line = `\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`
    if (file) writeFileSync(file, JSON.stringify({ passed, failed, skipped }))
    else process.on('exit', () => process.stdout.write(line))
  }
}
