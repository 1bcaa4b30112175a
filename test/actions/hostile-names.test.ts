import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createForge } from '../../src/adapters/github.ts'
import { startLocalForge } from '../../src/adapters/local-forge/server.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import { openBrowser, openPage } from '../browser/pages.ts'
import { hostileNames } from '../core/render/hostile-names.ts'
import { watchForge } from '../github-description/watch-forge.ts'
import { liveParts, markdownDom } from '../markdown/dom.ts'
import { builtActions, ended, obeyed } from './built-actions.ts'
import { classNames, fileNames, hostileWorld, texts } from './hostile-world.ts'

const program = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
// What git takes as the name of a branch.
const branches = [
  `a;$(touch$\{IFS}pwned)`,
  '<img/src=x/onerror=alert(1)>',
  '@org/team',
  '#1',
  `$\{{github.token}}`,
  '|a|`id`|',
  ']]><svg/onload=alert(1)>',
  'deadbeef1',
  '--upload-pack=touch',
  '"quoted\'',
]
const size = 10
const parts = Array.from({ length: Math.ceil(hostileNames.length / size) }, (_, i) => {
  const part = <T>(all: readonly T[]) => all.slice(i * size, (i + 1) * size)
  const branch = branches[i % branches.length]?.replace(/^-+/, '') as string
  return { files: part(fileNames), classes: part(classNames), texts: part(texts), branch }
})
const visible = (text: string) => text.replaceAll('\n', '')
const hidden = /[\p{Cc}\u2028\u2029]|(?!\u2060)\p{Cf}/u

let actions: Awaited<ReturnType<typeof builtActions>>
let browser: Browser
beforeAll(async () => {
  actions = await builtActions('dataset-qa', 'report')
  browser = await openBrowser()
})
afterAll(async () => {
  actions?.[Symbol.dispose]()
  await browser?.close()
})

/** A proposal judged by the action, its evidence reported by the other one: everything that anybody reads of it. */
async function proposed(names: (typeof parts)[number]) {
  using world = hostileWorld(names)
  const pull = { number: 1, head: { ref: names.branch, sha: world.head }, base: { ref: 'main', sha: world.base } }
  const judged = await actions.run('dataset-qa', {
    ...{ root: world.root, eventName: 'pull_request', event: { pull_request: pull } },
    inputs: { path: 'data' },
  })
  world.git('switch', '--quiet', 'main')
  const watch = watchForge()
  const server = await startLocalForge({
    watch,
    root: world.root,
    stateFile: join(world.folder, 'forge.json'),
    repository: 'acme/data',
  })
  try {
    const forge = createForge({ apiUrl: server.url, repository: 'acme/data', token: 'ghs_test' })
    const title = names.texts.join(' ')
    await forge.openPullRequest({ title, body: names.texts.join('\n'), head: names.branch, base: 'main' })
    const of = { workflow: 'dataset-pr.yml', name: 'Data set', event: 'pull_request', actor: 'eve', attempt: 1 }
    const at = { headSha: world.head, headBranch: names.branch, headRepository: 'acme/data' }
    const run = server.runs.start({ ...of, ...at, title })
    const files = readdirSync(judged.evidence).map((path) => ({
      path,
      bytes: readFileSync(join(judged.evidence, path)),
    }))
    server.runs.keepArtifact(run.id, 'sluice-evidence', writeZip(files))
    server.runs.end(run.id, 'failure')
    const reported = await actions.run('report', {
      ...{ root: world.root, eventName: 'workflow_run' },
      event: { workflow_run: { id: run.id }, repository: { default_branch: 'main' } },
      inputs: { path: 'data', channel: 'production', 'github-token': 'ghs_test' },
      env: { GITHUB_API_URL: server.url, GITHUB_SERVER_URL: server.url },
    })
    const ask = async (path: string) => (await fetch(`${server.url}/repos/acme/data${path}`)).json()
    const comments = (await ask('/issues/1/comments')) as { body: string }[]
    const { check_runs: checks } = (await ask(`/commits/${world.head}/check-runs`)) as {
      check_runs: { id: number; conclusion: string; output: { title: string; summary: string } }[]
    }
    const annotations = (await ask(`/check-runs/${checks[0]?.id}/annotations?per_page=100`)) as Annotation[]
    watch.verify()
    return { judged, reported, comments, checks, annotations, status: world.git('status', '--porcelain') }
  } finally {
    await server.close()
  }
}
type Annotation = { path: string; message: string; title: string }

test.each(parts.map((names, i) => [i * size, names] as const))(
  'names from %s on do nothing in the log, the run’s page, the check, its annotations and the comment of a proposal',
  async (_, names) => {
    const { judged, reported, comments, checks, annotations, status } = await proposed(names)
    // Both told what they found: a run that ended early would show no name.
    expect(judged.printed).toContain('the data set does not pass')
    expect([reported.status, reported.printed]).toEqual([0, ''])
    expect(checks).toMatchObject([{ conclusion: 'failure' }])
    expect(annotations.length).toBeGreaterThan(3 * names.files.length)
    expect(comments).toHaveLength(1)
    const body = comments[0]?.body.replace(/^<!-- sluice:pull-request [\w =.]+ -->\n/, '') as string
    expect(body).toContain(`data set`)

    expect(obeyed(judged.printed).filter((word) => !['error', 'warning', 'notice'].includes(word))).toEqual([])
    expect(visible(judged.printed)).not.toMatch(hidden)
    const pages = [judged.summary, reported.summary, checks[0]?.output.summary as string, body]
    expect(markdownDom(...pages).map(liveParts)).toEqual([[], [], [], []])
    for (const { path, message, title } of [
      ...annotations,
      { path: '', message: '', title: checks[0]?.output.title },
    ]) {
      expect(`${path}${message}${title}`).not.toMatch(hidden)
    }
    // No shell ran a name, and no name became an output.
    expect(status).toBe('')
    expect(judged.output.match(/^\w[\w-]*<<ghadelimiter/gm)).toHaveLength(4)
  },
)

test('class names that hide or move something are refused by a message that does neither', async () => {
  for (const name of ['evil\u202Etxt', 'a\n::error::b', '\u001b[31mred', '\u2066x', '##[add-mask]x\u0007']) {
    using world = hostileWorld({ files: [], classes: [name], texts: [], branch: 'topic' })
    const pull = { number: 1, head: { ref: 'topic', sha: world.head }, base: { ref: 'main', sha: world.base } }
    const of = { root: world.root, eventName: 'pull_request', event: { pull_request: pull }, inputs: { path: 'data' } }
    const { status, printed } = await actions.run('dataset-qa', of)
    expect(status).toBe(1)
    expect(printed).toContain('has control characters')
    expect(obeyed(printed)).toEqual(['error'])
    expect(visible(printed)).not.toMatch(hidden)
  }
})

/** Elements of a page with the names of their attributes. */
async function shapesOf(file: string) {
  const { page, trouble, close } = await openPage(browser, file)
  const all = (await page.evaluate(`[...document.querySelectorAll('body *')].map((element) =>
    [element.localName, ...[...element.attributes].map(({ name }) => name).sort()].join(' '))`)) as string[]
  const text = (await page.evaluate('document.body.textContent')) as string
  const links = (await page.evaluate(`[...document.querySelectorAll('[href], [src]')].map((element) =>
    element.getAttribute('href') ?? element.getAttribute('src'))`)) as string[]
  await close()
  return { shapes: new Set(all), trouble, text, links }
}

async function checked(names: Parameters<typeof hostileWorld>[0]) {
  const world = hostileWorld(names)
  const at = (name: string) => join(world.folder, name)
  const outputs = ['--sarif', at('out.sarif'), '--html', at('out.html'), '--md', at('out.md')]
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: world.folder,
    CI: 'true',
    SLUICE_TOOLS: process.env.SLUICE_TOOLS ?? '',
  }
  const { status, printed } = await ended(program, world.root, env, ['check', 'data', '--base', 'main', ...outputs])
  return { ...world, status, printed, at, read: (name: string) => readFileSync(at(name), 'utf8') }
}

test('all names at once do nothing in what sluice check prints, and in its SARIF, Markdown and page', async () => {
  using hostile = await checked({ files: fileNames, classes: classNames, texts, branch: 'topic' })
  const plainNames = (all: readonly string[]) => all.map((_, i) => `plain ${i}`)
  const plain = {
    files: plainNames(fileNames),
    classes: plainNames(classNames),
    texts: plainNames(texts),
    branch: 'topic',
  }
  using harmless = await checked(plain)
  expect([hostile.status, harmless.status], hostile.printed).toEqual([1, 1])

  expect(hostile.printed).toContain('image-name')
  expect(obeyed(hostile.printed)).toEqual([])
  expect(visible(hostile.printed)).not.toMatch(hidden)
  expect(markdownDom(hostile.read('out.md')).map(liveParts)).toEqual([[]])

  const { results } = JSON.parse(hostile.read('out.sarif')).runs[0] as {
    results: { message: { text: string }; locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }[]
  }
  expect(results.length).toBeGreaterThan(5 * fileNames.length)
  for (const { message, locations } of results) {
    expect(message.text).not.toMatch(hidden)
    expect(message.text).not.toMatch(/\[[^\]]*\]\(/)
    const uri = locations[0]?.physicalLocation.artifactLocation.uri as string
    const address = new URL(uri, 'https://base.example/root/')
    expect([address.host, address.search, address.hash], uri).toEqual(['base.example', '', ''])
    expect(address.pathname.startsWith('/root/data')).toBe(true)
  }

  const [page, clean] = [await shapesOf(hostile.at('out.html')), await shapesOf(harmless.at('out.html'))]
  expect(page.trouble).toEqual([])
  expect([...page.shapes].filter((shape) => !clean.shapes.has(shape))).toEqual([])
  expect(page.links.filter((link) => !/^(?:#|data:image\/)/.test(link))).toEqual([])
  // Shown as they were written, as text.
  for (const name of ['<img src=x onerror=alert(1)>', 'javascript:alert(1)', ']]><svg onload=alert(1)>']) {
    expect(page.text).toContain(name)
  }
})
