import type { Reply } from './http.ts'
import type { State } from './state.ts'

/** What a link to the local forge shows in a browser: plain text, so that nothing in it can run. Null: no such page. */
export function pageOf(path: string, site: string, state: State): Reply | null {
  const text = textAt(path, site, state)
  if (text === null) return null
  return { status: 200, raw: Buffer.from(text), headers: { 'content-type': 'text/plain; charset=utf-8' } }
}

function textAt(path: string, site: string, state: State): string | null {
  const local = path.startsWith(`${site}/`) ? path.slice(site.length) : null
  const pull = state.pulls.find((entry) => local === `/pull/${entry.number}`)
  if (pull) {
    const comments = state.comments.filter((comment) => comment.issue === pull.number)
    const stands = pull.merged ? `merged as ${pull.merged.commit}` : pull.state
    return [
      `#${pull.number} ${pull.title} (${stands})`,
      `${pull.head} → ${pull.base}`,
      pull.body ?? '',
      ...comments.map((comment) => `--- ${comment.author}, ${comment.updatedAt}\n${comment.body}`),
    ].join('\n\n')
  }
  const check = state.checks.find((entry) => local === `/runs/${entry.id}`)
  if (check) return `${check.name}: ${check.conclusion ?? check.status}\n${check.title ?? ''}\n\n${check.summary ?? ''}`
  const release = state.releases.find((entry) => local === `/releases/tag/${encodeURIComponent(entry.tag)}`)
  return release ? `${release.name ?? release.tag}\n\n${release.body ?? ''}` : null
}
