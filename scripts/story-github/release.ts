import { join } from 'node:path'
import { createInferenceClient } from '../../src/adapters/router.ts'
import { startServer } from '../../src/adapters/serve/server.ts'
import { readSource } from '../../src/adapters/serve/source.ts'
import { sendTraffic } from '../../src/steps/traffic.ts'
import type { GithubWorld } from './world.ts'

type Pull = { number: number; title: string; user: { login: string }; head: { ref: string; sha: string } }

/** Carol starts Release by hand for a run of Train; what it causes is over when this returns. */
export async function startRelease(world: GithubWorld, inputs: { model: string; version: string; run: number }) {
  const given = { ref: 'main', inputs: { ...inputs, run: String(inputs.run) } }
  await world.api('POST', '/actions/workflows/release.yml/dispatches', 'carol', given)
  await world.local.idle()
}

/** The open pull request that the App made for a promotion. */
export async function promotionOf(world: GithubWorld): Promise<Pull | undefined> {
  const { body } = await world.api<Pull[]>('GET', '/pulls?state=open', 'alice')
  return body.find(({ user, title }) => user.login === 'sluice-app[bot]' && title.startsWith('Promote '))
}

/**
 * Serves what is in production on this machine, under steady traffic of the given pictures, and tells the workflows where;
 * it ends when disposed.
 */
export async function serveProduction(
  world: GithubWorld,
  { artifact, manifest, images }: { artifact: string; manifest: string; images: readonly Uint8Array[] },
) {
  const server = await startServer({ model: 'site', champion: readSource(artifact, manifest) })
  world.variables.SLUICE_SERVER = server.url
  world.variables.SLUICE_ROLLOUT_FOLDER = join(world.folder, 'rollouts')
  world.variables.SLUICE_ROLLOUT_INTERVAL = '0.2'
  const stop = new AbortController()
  const traffic = sendTraffic(createInferenceClient(server.url, 'site'), {
    images,
    requests: 1_000_000,
    concurrency: 3,
    signal: stop.signal,
  })
  return {
    status: () => server.status(),
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await traffic
      await server.stop()
    },
  }
}
