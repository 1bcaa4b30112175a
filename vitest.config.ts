import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

const common = { testTimeout: 60_000, hookTimeout: 120_000, env: { CI: 'true', NO_COLOR: '1' } }

export default defineConfig({
  test: {
    reporters: ['default', './test/closing-line.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // Two cores: tests start real programs of their own.
        test: {
          ...common,
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/story/**'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // The whole story trains and times models: nothing else runs beside it.
        test: {
          ...common,
          name: 'story',
          include: ['test/story/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
