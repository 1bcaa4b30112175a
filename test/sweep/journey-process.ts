import { type Part, type Place, runPart } from './journey.ts'

// A process of its own, so that a failpoint can end it.
const [part = '', place = ''] = process.argv.slice(2)
await runPart(part as Part, JSON.parse(place) as Place)
