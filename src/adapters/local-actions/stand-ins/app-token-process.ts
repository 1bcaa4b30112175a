// Stands in for actions/create-github-app-token: gives the forge's App token to a step that has the App's key.
import { appendFileSync } from 'node:fs'
import { input, run } from './inputs.ts'

run(() => {
  const token = process.env.SLUICE_LOCAL_APP_TOKEN ?? ''
  if (input('private-key') === '' || token === '') throw new Error('Input required and not supplied: private-key')
  process.stdout.write(`::add-mask::${token}\n`)
  appendFileSync(process.env.GITHUB_OUTPUT as string, `token=${token}\n`)
})
