import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { UsageError } from '../../core/errors.ts'

const providers = ['cpu', 'cuda', 'tensorrt'] as const
/** What runs the model; one that is asked for and absent is an error, never another in its place. */
export type Provider = (typeof providers)[number]

/** What ONNX Runtime says of itself: a build that knows a provider need not have its library. */
export type Supported = readonly { name: string; bundled: boolean }[]

/** The provider that --provider names. */
export function providerOf(text = 'cpu'): Provider {
  const known = providers.find((name) => name === text)
  if (known) return known
  throw new UsageError(`there is no provider "${text}"`, { mend: `one of ${providers.join(', ')}` })
}

/** Providers that can be loaded here: those in the runtime itself, and those whose library lies beside it. */
export function installedProviders(supported: Supported, folders = libraryFolders()): Provider[] {
  return providers.filter((provider) =>
    supported.some(
      ({ name, bundled }) =>
        name === provider && (bundled || folders.some((folder) => existsSync(join(folder, libraryOf(provider))))),
    ),
  )
}

/** Where onnxruntime-node keeps its libraries on this system, whichever version of Node's interface it is for. */
function libraryFolders(): string[] {
  try {
    const bin = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')), 'bin')
    return readdirSync(bin).map((version) => join(bin, version, platform(), arch()))
  } catch {
    return []
  }
}

function libraryOf(provider: Provider): string {
  return platform() === 'win32'
    ? `onnxruntime_providers_${provider}.dll`
    : `libonnxruntime_providers_${provider}.${platform() === 'darwin' ? 'dylib' : 'so'}`
}
