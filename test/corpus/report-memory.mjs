import { writeFileSync } from 'node:fs'

// Loaded before a command that a test runs: leaves its peak memory, in KiB, where the test looks for it.
const file = process.env.SLUICE_TEST_PEAK
if (file) process.on('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS)))
