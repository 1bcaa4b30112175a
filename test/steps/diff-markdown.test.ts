import { expect, test } from 'vitest'
import { diffMarkdown } from '../../src/steps/diff.ts'
import { hostileNames } from '../core/render/hostile-names.ts'

const boxes = { added: 1, removed: 0, moved: 0, relabelled: 0, unchanged: 0 }
const markdownOf = (name: string) =>
  diffMarkdown({
    classes: { added: [name], removed: [], renamed: [{ from: name, to: name }] },
    images: { added: 1, removed: 0, renamed: 0, resplit: 0, modified: 0 },
    boxes,
    byClass: Object.fromEntries([[name, boxes]]),
    bySplit: {},
    byImage: [{ image: name, change: 'renamed', from: name, split: 'train', boxes, changes: [] }],
  })

test.each(hostileNames.map((name) => [name.slice(0, 40), name]))(
  '%j mentions, links and marks up nothing',
  (_, name) => {
    const markdown = markdownOf(name)
    expect(markdown.split('\n').length).toBe(markdownOf('plain').split('\n').length)
    // An entity does not stop a mention: what stands after the sign must be parted from it.
    expect(markdown).not.toMatch(/@[a-z0-9]|&#64;|#\d|:\/\/|www\.[a-z]|<(?!\/?details)|[\u202e\u200b]/i)
    expect(markdown.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  },
)
