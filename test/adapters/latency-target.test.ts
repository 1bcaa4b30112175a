import { expect, test } from 'vitest'
import { machineOf, measuredOn } from '../../src/adapters/onnx/latency-target.ts'
import { machineInWords, placeOf } from '../../src/core/compare/latency-run.ts'

test('a target has the name that was given, and the machine in words where none or an empty one was', () => {
  expect(measuredOn({ target: 'edge-box', provider: 'tensorrt' }, 1)).toEqual({
    target: 'edge-box',
    provider: 'tensorrt',
  })
  const machine = machineOf('cpu', 2)
  const unnamed = { target: machineInWords(machine), provider: 'cpu' }
  expect([measuredOn({}, 2), measuredOn({ target: '', provider: '' }, 2)]).toEqual([unnamed, unnamed])
  expect(() => measuredOn({ provider: 'npu' }, 1)).toThrow(/there is no provider "npu"/)
})

test('the machine stands behind a name that does not tell it, and once where it is the name', () => {
  const machine = {
    ...{ system: 'linux x64', processor: 'A processor', cores: 2 },
    ...{ runtime: 'ONNX Runtime 1.2', provider: 'cuda' as const, threads: 1 },
  }
  const words = 'linux x64, A processor, 2 cores, ONNX Runtime 1.2 cuda, 1 thread'
  expect(placeOf({ target: 'edge', machine })).toBe(`edge (${words})`)
  expect(placeOf({ target: words, machine })).toBe(words)
  expect(placeOf({ target: 'an older document' })).toBe('an older document')
})
