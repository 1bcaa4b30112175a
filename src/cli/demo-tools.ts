import { symlinkSync } from 'node:fs'
import { arch, availableParallelism, platform } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { quickLook } from '../adapters/dataset/quick-look.ts'
import { readDataset } from '../adapters/dataset.ts'
import { createDvc } from '../adapters/dvc/cli.ts'
import { createGit } from '../adapters/git.ts'
import { createForge } from '../adapters/github.ts'
import { createImages } from '../adapters/images.ts'
import { startLocalForge } from '../adapters/local-forge/server.ts'
import { createLatencyMeasure } from '../adapters/onnx/latency.ts'
import { createOnnxRuntime } from '../adapters/onnx/runtime.ts'
import { createInferenceClient, createRouter } from '../adapters/router.ts'
import { startServer } from '../adapters/serve/server.ts'
import { readSource } from '../adapters/serve/source.ts'
import { createStorage } from '../adapters/storage.ts'
import { home } from '../adapters/tools.ts'
import { createUltralyticsTrainer } from '../adapters/ultralytics/trainer.ts'
import { ToolError } from '../core/errors.ts'
import type { DemoTools } from '../journeys/demo-tools.ts'
import type { Console } from '../ports.ts'
import { modelFacts } from './model-facts.ts'

// The local forge knows one maintainer; whoever holds another token is a bot without write access.
const token = 'local-forge-maintainer'

/** Real adapters behind every port of the demo. */
export function demoTools(console: Console, signal: AbortSignal): DemoTools {
  return {
    storage: createStorage(),
    images: createImages(),
    runtime: createOnnxRuntime(),
    trainer: createUltralyticsTrainer(),
    clock: { now: () => new Date(), sleep: (ms, stop) => sleep(ms, undefined, { signal: stop }) },
    console,
    measureLatency: createLatencyMeasure(),
    openGit: (root) => createGit(root),
    openDvc: (root) => createDvc(root),
    readDataset: (path) => readDataset(path, { md5: true }),
    lookAgain: quickLook,
    link: (path, target) => symlinkSync(target, path),
    modelFacts,
    startForge: async ({ root, stateFile, repository }) => {
      const server = await startLocalForge({ root, stateFile, repository, logins: { [token]: 'maintainer' } })
      const forge = createForge({ repository, token, apiUrl: server.url })
      return { url: server.url, forge, protect: () => requireCheck(server.url, repository), close: server.close }
    },
    startServer: async ({ model, champion, challenger }) => {
      const server = await startServer({
        model,
        champion: readSource(champion.artifact, champion.manifest),
        ...(challenger ? { challenger: readSource(challenger.artifact, challenger.manifest) } : {}),
      })
      return { url: server.url, router: createRouter(server.url), close: server.stop }
    },
    inferenceClient: (url, model) => createInferenceClient(url, model),
    home: home.replace(/\/$/, ''),
    target: `${platform()} ${arch()}, ${availableParallelism()} cores, ONNX Runtime CPU, 1 thread`,
    signal,
  }
}

async function requireCheck(url: string, repository: string): Promise<void> {
  const { ok, status } = await fetch(`${url}/repos/${repository}/branches/main/protection`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      required_status_checks: { strict: false, contexts: ['sluice'] },
      enforce_admins: true,
      required_pull_request_reviews: null,
      restrictions: null,
    }),
  })
  if (!ok)
    throw new ToolError(`the local forge answered ${status} to branch protection`, {
      mend: 'run it again with --fresh',
    })
}
