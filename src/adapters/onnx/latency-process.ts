import { text } from 'node:stream/consumers'
import type { LatencyJob } from '../../steps/bench.ts'
import { answerTo } from './latency-run.ts'

// A process of its own for one run: reads a job on stdin, writes the milliseconds of each image to stdout.
process.stdout.write(JSON.stringify(await answerTo(JSON.parse(await text(process.stdin)) as LatencyJob)))
