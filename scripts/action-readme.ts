import { parse } from 'yaml'

type Action = {
  name: string
  description: string
  inputs?: Record<string, { description: string; required?: boolean; default?: string }>
  outputs?: Record<string, { description: string }>
}

/** README of an action, from its action.yml alone; a test compares, and writes it with vitest -u. */
export function actionReadme(folder: string, yaml: string): string {
  const action = parse(yaml) as Action
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const inputs = Object.entries(action.inputs ?? {}).map(([name, input]) => {
    const given = input.required ? 'required' : input.default ? `\`${input.default}\`` : 'empty'
    return `| \`${name}\` | ${given} | ${cell(input.description)} |`
  })
  const outputs = Object.entries(action.outputs ?? {}).map(
    ([name, { description }]) => `| \`${name}\` | ${cell(description)} |`,
  )
  const required = Object.entries(action.inputs ?? {}).filter(([, input]) => input.required)
  return [
    `# ${action.name}`,
    '',
    `${action.description}.`,
    '',
    '```yaml',
    `- uses: ./actions/${folder}`,
    ...(required.length > 0
      ? ['  with:', ...required.map(([name]) => `    ${name}: # ${action.inputs?.[name]?.description}`)]
      : []),
    '```',
    '',
    '| input | default | what it is |',
    '| --- | --- | --- |',
    ...inputs,
    '',
    '| output | what it is |',
    '| --- | --- |',
    ...outputs,
    '',
    'Permissions, forks and required checks: [docs/github.md](../../docs/github.md). This page is generated from `action.yml`.',
    '',
  ].join('\n')
}
