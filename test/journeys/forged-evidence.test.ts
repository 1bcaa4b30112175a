import { expect, test } from 'vitest'
import { findingsOf } from '../core/judge/planted.ts'
import { hostileNames } from '../core/render/hostile-names.ts'
import { liveParts, markdownDom } from '../markdown/dom.ts'
import { reportWorld } from './report-world.ts'

const hidden = /[\p{Cc}\u2028\u2029]|(?!\u2060)\p{Cf}/u

test('evidence that a fork wrote by hand, hostile in each of its texts, does nothing in check, annotations and comment', async () => {
  await using world = await reportWorld()
  world.plain('update-ref', 'refs/forks/eve/proposal', world.head)
  await world.raw('POST', '/pulls', { title: 'Fork', head: 'eve:proposal', base: 'main' })
  const pages: string[] = []
  const seen: string[] = []
  for (const [i, name] of hostileNames.entries()) {
    // A lone half of a character does not get through JSON in UTF-8; a long name is told in the limits of a comment.
    const text = name.toWellFormed().slice(0, 200)
    const found = { rule: text, file: text, image: text, message: text, mend: text, fingerprint: text }
    const documents = [findingsOf([found, { ...found, severity: 'warning' }], { notes: [text], scope: scopeOf(text) })]
    const fork = { headRepository: 'eve/data', verdict: 'fail', reason: text, documents } as const
    const reported = await world.report('pull_request', 'proposal', { ...fork, attempt: i + 1 })
    expect(reported, name).toMatchObject({ conclusion: 'failure', pullRequest: 2 })
    pages.push(reported?.comment ?? '')
    seen.push(reported?.title ?? '')
  }
  const { body: checks } = await world.raw('GET', `/commits/${world.head}/check-runs?per_page=100`)
  const { body: told } = await world.raw('GET', `/check-runs/${checks.check_runs[0].id}/annotations`)
  expect(told.length).toBeGreaterThan(0)
  for (const { path, message, title } of told) seen.push(path, message, title)
  expect(seen.filter((text) => hidden.test(text))).toEqual([])
  expect(markdownDom(...pages).flatMap(liveParts)).toEqual([])
  const { body: comments } = await world.raw('GET', '/issues/2/comments')
  expect(comments).toHaveLength(1)
  expect(comments[0].body.match(/<!--/g)).toHaveLength(1)
}, 120_000)

const scopeOf = (format: string) => ({ images: 1, boxes: 1, rules: ['box-outside'], format, imagesRead: 1 })
