import { execa } from 'execa'
import { pythonTool, toolEnvironment } from '../../adapters/tools.ts'
import { exitCodes } from '../../core/errors.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

type Probe = { name: string; command: () => [string, string[]]; mend: string }

const probes: Probe[] = [
  { name: 'git', command: () => ['git', ['--version']], mend: 'apt-get install -y git' },
  {
    name: 'node',
    command: () => [process.execPath, ['--version']],
    mend: 'npm start installs Node 24 for this project',
  },
  { name: 'dvc', command: () => [pythonTool('dvc'), ['--version']], mend: 'node scripts/bootstrap.mjs' },
  {
    name: 'trainer',
    command: () => [
      pythonTool('python'),
      [
        '-c',
        'from importlib.metadata import version as v; print("ultralytics", v("ultralytics"), "torch", v("torch"))',
      ],
    ],
    mend: 'node scripts/bootstrap.mjs',
  },
  {
    name: 'GPU',
    command: () => ['nvidia-smi', ['--query-gpu=name,memory.total', '--format=csv,noheader']],
    mend: 'optional: training then uses the CPU',
  },
  {
    name: 'TensorRT',
    command: () => ['trtexec', ['--help']],
    mend: 'optional: TensorRT is then "exported, not measured"',
  },
]

const optional = new Set(['GPU', 'TensorRT'])

/** Asks every tool for its version; exit code 4 when a needed one is missing. */
export const command: Command = {
  usage: 'usage: sluice doctor\n\nAsks every tool that sluice starts for its version; GPU and TensorRT are optional.',
  run: async (args, console) => {
    readArguments(args, {}, { least: 0, most: 0, names: '' })
    let missing = 0
    for (const probe of probes) {
      const answer = await ask(probe)
      if (answer === null && !optional.has(probe.name)) missing++
      console.print(
        `${answer === null ? (optional.has(probe.name) ? '–' : '✗') : '✓'} ${probe.name.padEnd(9)} ${answer ?? `not here. ${probe.mend}`}`,
      )
    }
    return missing > 0 ? exitCodes.tool : exitCodes.pass
  },
}

async function ask(probe: Probe): Promise<string | null> {
  try {
    const [file, args] = probe.command()
    const { exitCode, stdout } = await execa(file, args, { reject: false, env: toolEnvironment(), timeout: 60_000 })
    return exitCode === 0 ? (stdout.split('\n')[0] ?? '') : null
  } catch {
    // pythonTool throws when the tools are not set up: that is an answer here.
    return null
  }
}
