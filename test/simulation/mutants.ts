import type { Mutant } from '../../scripts/simulation/run-seed.ts'

const answered = (response: Response) => response.status < 500

/** Bugs that writers to a forge commonly have, planted one at a time. */
export const mutants: Record<string, Mutant & { finds: RegExp }> = {
  'a comment that does not say of which run it is': {
    finds: /comment/,
    forge: (forge) => ({
      ...forge,
      upsertComment: (pull, topic, text) => forge.upsertComment(pull, topic, text),
    }),
  },
  'a check that does not say of which run it is': {
    finds: /the check that counts|POST .*check-runs/,
    forge: (forge) => ({ ...forge, upsertCheck: (input) => forge.upsertCheck({ ...input, order: undefined }) }),
  },
  'a request that is sent again blindly after an unclear answer': {
    finds: /the check that counts|runs were started/,
    fetch: (ask) => async (url, init) => {
      const first = await ask(url, init).catch(() => null)
      return first && answered(first) ? first : ask(url, init)
    },
  },
  'a comment that is made without a look for another one': {
    finds: /[23] comments of one topic/,
    forge: (forge) => ({
      ...forge,
      upsertComment: (pull, topic, text, order) => forge.upsertComment(pull, `${topic}-${order?.run}`, text, order),
    }),
  },
  'a tag that counts as made whatever it says': {
    finds: /releases? of site|than its tag/,
    forge: (forge) => ({
      ...forge,
      createTag: (input) => forge.createTag(input).catch(() => ({ sha: '', created: false })),
    }),
  },
  'a release that is public before its assets are there': {
    finds: /public without all its assets/,
    fetch: (ask) => (url, init) => {
      const isDraft = init?.method === 'POST' && /\/releases$/.test(String(url))
      return ask(url, isDraft ? { ...init, body: String(init.body).replace('"draft":true', '"draft":false') } : init)
    },
  },
  'a change that is laid over the newest base, whatever it was made from': {
    finds: /does not follow/,
    forge: (forge) => ({ ...forge, proposeChange: (change) => forge.proposeChange({ ...change, from: undefined }) }),
  },
  'a second try that does not look for what the first has started': {
    alone: 'command',
    finds: /runs were started/,
    forge: (forge) => ({ ...forge, dispatch: (input) => forge.dispatch({ ...input, since: '2099-01-01T00:00:00Z' }) }),
  },
  'the end of a rollout that is laid over whatever the branch is at': {
    finds: /does not follow/,
    forge: (forge, { git }) => ({
      ...forge,
      commitFiles: async (input) => {
        for (let n = 0; n < 5; n++) {
          const from = git.store.refs.get('refs/heads/main') as string
          const done = await forge.commitFiles({ ...input, from })
          if (done) return done
        }
        return null
      },
    }),
  },
}
