import { type BodyOf, defineDocument } from './define.ts'
import { count, digest, list, object, text } from './schema.ts'

/** Which pictures of a proposal were looked at, and which of them its page shows. */
export const picturesSeen = defineDocument(
  'Pictures',
  1,
  'Which pictures of a proposal were looked at and shown',
  object(
    {
      headSha: text,
      /** Images of the data set, and how many of them were decoded: among those, near copies were looked for. */
      images: count,
      looked: count,
      /** What the page shows: how many of how many, and how they were chosen. */
      samples: list(object({ title: text, shown: count, chosen: text }), { maxItems: 8 }),
      page: object({ bytes: count, sha256: digest }),
      /** Why the page shows no pictures. */
      withheld: text,
    },
    ['withheld'],
  ),
)
export type PicturesBody = BodyOf<typeof picturesSeen>
