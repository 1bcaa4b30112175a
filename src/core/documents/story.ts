import { type BodyOf, defineDocument } from './define.ts'
import { count, list, map, name, number, object, text, verdict } from './schema.ts'

/** The demo's own account: every step with its verdict, for people and for `--json`. */
export const story = defineDocument(
  'Story',
  1,
  'What the demo did, step by step',
  object({
    data: name,
    verdict,
    reason: text,
    steps: list(
      object({
        id: name,
        title: text,
        verdict,
        /** One sentence with the number that decides. */
        fact: text,
        seconds: number,
        /** Pull request this step is about; 0 when none. */
        pullRequest: count,
        /** Paths of the documents it wrote, relative to the story folder, by kind. */
        evidence: map(text),
      }),
    ),
    report: text,
  }),
)
export type StoryBody = BodyOf<typeof story>
export type StoryStep = StoryBody['steps'][number]
