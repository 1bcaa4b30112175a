import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'

/** Runs an action's program as its step does, in a workspace; its outputs, summary, log and exit code. */
export async function runAction(
  program: string,
  inputs: Record<string, string>,
  { workspace, temp, env = {} }: { workspace: string; temp: string; env?: Record<string, string> },
) {
  mkdirSync(temp, { recursive: true })
  const file = (name: string) => join(temp, `of-step-${name}`)
  for (const name of ['output', 'summary']) writeFileSync(file(name), '')
  const given = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value]))
  const { exitCode, stdout } = await execa(process.execPath, [program], {
    cwd: workspace,
    reject: false,
    env: {
      ...given,
      GITHUB_WORKSPACE: workspace,
      GITHUB_OUTPUT: file('output'),
      GITHUB_STEP_SUMMARY: file('summary'),
      RUNNER_TEMP: temp,
      ...env,
    },
  })
  const said = readFileSync(file('output'), 'utf8')
  const outputs = [...said.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, key, , value]) => [key, value])
  return {
    exitCode,
    stdout,
    summary: readFileSync(file('summary'), 'utf8'),
    outputs: Object.fromEntries(outputs) as Record<string, string>,
  }
}
