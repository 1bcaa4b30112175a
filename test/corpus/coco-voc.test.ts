import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { assertAnswer, casesOf, type Expected, runCase } from './run-corpus.ts'

describe.each(['coco', 'voc'])('%s: each bad file has its answer, and no good one is blamed', (surface) => {
  test.each(casesOf(surface).map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const answer = await runCase(one)
    assertAnswer(one, answer)
    expect(answer.milliseconds).toBeLessThan(20_000)
  })
})

describe('hostile and heavy files, by the real command in a process of its own: below 512 MB', () => {
  const heavy: [string, Expected, (folder: string) => void][] = [
    [
      'a COCO file of which one value is 100 MB',
      { command: ['check', './a.json'], exit: 2, contains: ['a value of more than 64 MB'] },
      (folder) => put(folder, 'a.json', ['{"images": [{"x": "', ...pieces('x', 100), '"}]}']),
    ],
    [
      'a COCO file of brackets alone',
      { command: ['check', './a.json'], exit: 2, contains: ['not JSON'] },
      (folder) => put(folder, 'a.json', ['{"images": ', ...pieces('[', 40)]),
    ],
    [
      'a COCO file with 200,000 broken annotations',
      { command: ['check', './a.json'], exit: 1, rule: 'label-number', contains: ['is not four numbers'] },
      (folder) => {
        const bad = Array.from({ length: 200_000 }, (_, id) => `{"id":${id},"image_id":1,"category_id":1,"bbox":[1]}`)
        put(folder, 'a.json', [
          '{"images":[{"id":1,"file_name":"a.jpg","width":9,"height":9}],"categories":[{"id":1,"name":"a"}],"annotations":[',
          `${bad.join(',\n')}]}`,
        ])
      },
    ],
    [
      'a VOC file nested 100,000 deep',
      { exit: 1, rule: 'label-encoding', file: 'Annotations/a.xml' },
      (folder) => put(folder, 'Annotations/a.xml', ['<annotation>'.repeat(100_000), '</annotation>'.repeat(100_000)]),
    ],
    [
      'a VOC file with an attribute of 3 MB',
      { exit: 1, rule: 'label-class' },
      (folder) =>
        put(folder, 'Annotations/a.xml', ['<annotation x="', ...pieces('y', 3), '"><object></object></annotation>']),
    ],
    [
      'a VOC file of 20 MB',
      { exit: 1, rule: 'label-encoding', contains: ['at most 4194304'] },
      (folder) => put(folder, 'Annotations/a.xml', ['<annotation>', ...pieces(' ', 20), '</annotation>']),
    ],
    [
      'a label of one line of 10 MB',
      { exit: 1, rule: 'label-encoding', file: 'labels/a.txt', line: 1 },
      (folder) => {
        put(folder, 'labels/a.txt', pieces('0 ', 10))
        put(folder, 'data.yaml', ['train: images\nval: images\nnames: [a]\n'])
      },
    ],
    [
      'a label file of 200,000 rows',
      { exit: 1, rule: 'label-encoding', file: 'labels/a.txt' },
      (folder) => {
        put(folder, 'labels/a.txt', [
          Array.from({ length: 200_000 }, (_, i) => `0 0.5 0.5 0.1 0.${100_000 + i}\n`).join(''),
        ])
        put(folder, 'data.yaml', ['train: images\nval: images\nnames: [a]\n'])
      },
    ],
  ]
  test.each(heavy)(
    '%s',
    async (name, expected, prepare) => {
      const answer = await runCase({ expected }, { prepare, alone: true })
      expect(answer.mebibytes).toBeGreaterThan(20)
      assertAnswer({ name, expected }, answer)
    },
    60_000,
  )
})

/** A text repeated to so many megabytes, a megabyte a piece. */
function pieces(text: string, megabytes: number): string[] {
  const one = text.repeat((1 << 20) / text.length)
  return Array.from({ length: megabytes }, () => one)
}

function put(folder: string, path: string, parts: string[]): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), '')
  for (const part of parts) appendFileSync(join(folder, path), part)
}

describe('labels: whatever a file says, the command keeps its promises', () => {
  test.each(casesOf('labels').map((one) => [one.name, one] as const))('%s', async (name, { folder }) => {
    const prepare = (place: string) => {
      put(place, 'data.yaml', ['train: images\nval: images\nnames: [a, b, c]\n'])
      mkdirSync(join(place, 'labels'))
      cpSync(join(folder, 'input.txt'), join(place, 'labels/a.txt'))
    }
    const answer = await runCase({ expected: { exit: 0 } }, { prepare })
    const failed = answer.findings.some(({ severity }) => severity === 'error')
    assertAnswer({ name, expected: { exit: failed ? 1 : 0 } }, answer)
    if (name.startsWith('good-')) expect(failed).toBe(false)
  })
})
