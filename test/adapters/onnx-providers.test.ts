import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { arch, platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { listSupportedBackends } from 'onnxruntime-node'
import { afterAll, expect, test } from 'vitest'
import { installedProviders, providerOf } from '../../src/adapters/onnx/providers.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-providers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.runIf(platform() === 'linux' && arch() === 'x64')(
  'a provider that the runtime knows is installed once its own library lies there',
  () => {
    const supported = listSupportedBackends()
    expect(supported.map(({ name }) => name)).toEqual(expect.arrayContaining(['cpu', 'cuda', 'tensorrt']))
    expect(installedProviders(supported, [folder])).toEqual(['cpu'])
    writeFileSync(join(folder, 'libonnxruntime_providers_cuda.so'), '')
    expect(installedProviders(supported, [folder])).toEqual(['cpu', 'cuda'])
    writeFileSync(join(folder, 'libonnxruntime_providers_tensorrt.so'), '')
    expect(installedProviders(supported, [folder])).toEqual(['cpu', 'cuda', 'tensorrt'])
    // A build that does not know it does not get it from a file.
    expect(installedProviders([{ name: 'cpu', bundled: true }], [folder])).toEqual(['cpu'])
  },
)

test('a name that is no provider is refused with those there are', () => {
  expect(providerOf()).toBe('cpu')
  expect(() => providerOf('gpu')).toThrow(/there is no provider "gpu"/)
})
