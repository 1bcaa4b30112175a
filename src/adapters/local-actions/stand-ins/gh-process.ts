// Stands in for GitHub's command line: prints the trusted root of the instance of Sigstore on this machine.
import { keptSigstore } from '../kept-sigstore.ts'

if (process.argv.slice(2).join(' ') === 'attestation trusted-root') {
  const { trustedRoot } = await keptSigstore(process.env.SLUICE_LOCAL_SIGSTORE ?? '')
  process.stdout.write(`${trustedRoot}\n`)
} else {
  process.stderr.write(`unknown command ${JSON.stringify(process.argv.slice(2).join(' '))} for "gh"\n`)
  process.exitCode = 1
}
