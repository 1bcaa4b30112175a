import type { components } from '@octokit/openapi-types'
import { type Context, created, invalid, notFound, ok, type Reply, type Route, refuse, textOf } from './http.ts'
import { tellPush } from './pushes.ts'

type RefShape = components['schemas']['git-ref']

function shapeOf(ref: string, sha: string, type: string, context: Context): RefShape {
  return {
    ref,
    node_id: Buffer.from(ref).toString('base64'),
    url: `${context.repo}/git/${ref.split('/').map(encodeURIComponent).join('/')}`,
    object: { type, sha, url: `${context.repo}/git/${type}s/${sha}` },
  }
}
const pathIn = (context: Context) => `refs/${decodeURIComponent(context.params[0] as string)}`

async function one(context: Context): Promise<Reply> {
  const ref = pathIn(context)
  const sha = (await context.git.validRef(ref)) ? await context.git.objectOf(ref) : null
  return sha ? ok(shapeOf(ref, sha, (await context.git.typeOf(sha)) ?? 'commit', context)) : notFound()
}

async function matching(context: Context): Promise<Reply> {
  const found = await context.git.refs(pathIn(context))
  return ok(found.map(([ref, sha, type]) => shapeOf(ref, sha, type, context)))
}

async function create(context: Context): Promise<Reply> {
  const { git, body } = context
  const ref = textOf(body.ref) ?? ''
  const sha = textOf(body.sha) ?? ''
  if (!/^refs\/.+\/?.+/.test(ref) || !(await git.validRef(ref))) return refuse(422, 'Reference name is not valid')
  const type = /^[0-9a-f]{40,64}$/.test(sha) ? await git.typeOf(sha) : null
  if (!type) return refuse(422, 'Object does not exist')
  if (await git.objectOf(ref)) return refuse(422, 'Reference already exists')
  if ((await git.createRef(ref, sha)) === null) return refuse(422, 'Reference already exists')
  await tellPush(context, { ref, before: '0'.repeat(40), after: sha })
  return created(shapeOf(ref, sha, type, context))
}

/** Moves a branch to a later commit; a checkout of it follows. */
async function move(context: Context): Promise<Reply> {
  const { git, body } = context
  const ref = pathIn(context)
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1]
  const before = branch === undefined ? null : await git.branchOf(branch)
  const sha = textOf(body.sha) ?? ''
  if (branch === undefined || before === null) return refuse(422, 'Reference does not exist')
  if ((await git.typeOf(sha)) !== 'commit') return refuse(422, 'Object does not exist')
  if (before === sha) return ok(shapeOf(ref, sha, 'commit', context))
  if (body.force === true) return refuse(422, 'Repository rule violations found')
  if ((await git.mergeBase(before, sha)) !== before) return refuse(422, 'Update is not a fast forward')
  const moved = await git.advance(branch, before, sha)
  if (moved === 'moved') return refuse(422, 'Update is not a fast forward')
  if (moved !== 'done')
    return refuse(409, `A work tree has ${branch} checked out with changes: commit or drop them first.`)
  await tellPush(context, { ref, before, after: sha })
  return ok(shapeOf(ref, sha, 'commit', context))
}

async function makeTag(context: Context): Promise<Reply> {
  const { git, body } = context
  const name = textOf(body.tag)
  const message = textOf(body.message)
  const object = textOf(body.object) ?? ''
  const type = textOf(body.type) ?? ''
  if (!name || !(await git.validRef(`refs/tags/${name}`))) return invalid('Tag', 'tag', 'invalid')
  if (message === null) return invalid('Tag', 'message', 'missing_field')
  if (!['commit', 'tree', 'blob'].includes(type)) return invalid('Tag', 'type', 'invalid')
  if ((await git.typeOf(object)) !== type) return refuse(422, 'Object does not exist')
  const given = (body.tagger ?? {}) as Record<string, unknown>
  const date = textOf(given.date) ?? context.now()
  const clean = (value: unknown, fallback: string) => (textOf(value) ?? fallback).replace(/[<>\n]/g, '')
  const who = `${clean(given.name, context.author)} <${clean(given.email, 'forge@localhost')}>`
  const tagger = `${who} ${Math.floor(Date.parse(date) / 1000)} +0000`
  const sha = await git.makeTag({ name, object, type, message: message.trim(), tagger })
  return created(await tagShape(sha, context))
}

async function tagShape(sha: string, context: Context) {
  const text = (await context.git.readTag(sha)) ?? ''
  const head = (key: string) => new RegExp(`^${key} (.*)$`, 'm').exec(text)?.[1] ?? ''
  const [, name = '', email = '', time = '0'] = /^(.*) <(.*)> (\d+) /.exec(head('tagger')) ?? []
  const type = head('type')
  return {
    node_id: Buffer.from(sha).toString('base64'),
    tag: head('tag'),
    sha,
    url: `${context.repo}/git/tags/${sha}`,
    message: text.slice(text.indexOf('\n\n') + 2),
    tagger: { name, email, date: new Date(Number(time) * 1000).toISOString() },
    object: { type, sha: head('object'), url: `${context.repo}/git/${type}s/${head('object')}` },
  } satisfies components['schemas']['git-tag']
}

async function readTag(context: Context): Promise<Reply> {
  const sha = context.params[0] as string
  return (await context.git.typeOf(sha)) === 'tag' ? ok(await tagShape(sha, context)) : notFound()
}

export const refRoutes: Route[] = [
  ['GET', /^\/git\/ref\/(.+)$/, one],
  ['GET', /^\/git\/matching-refs\/(.+)$/, matching],
  ['POST', /^\/git\/refs$/, create],
  ['PATCH', /^\/git\/refs\/(.+)$/, move],
  ['POST', /^\/git\/tags$/, makeTag],
  ['GET', /^\/git\/tags\/([0-9a-f]{40,64})$/, readTag],
]
