import { signatureOf, specDigest } from '../../dataset/label-spec.ts'
import { type Rule, wholeFinding } from '../rule.ts'

export const specSignature: Rule = {
  id: 'spec-signature',
  severity: 'warning',
  scope: 'dataset',
  title: 'The spec is not signed, or changed since',
  explanation:
    'Labels cost most when the rules that they were drawn by change afterwards. A signature binds the digest of the spec to those who agreed to it.',
  mend: 'Have the approvers run sluice sign on the spec.',
  check: ({ spec }) => {
    const state = spec ? signatureOf(spec) : 'signed'
    if (!spec || state === 'signed') return []
    const digest = `its digest is ${specDigest(spec).slice(0, 16)}…`
    const message =
      state === 'unsigned'
        ? `the spec "${spec.name}" is not signed; ${digest}`
        : `the spec "${spec.name}" is not what ${(spec.signedOff?.by ?? []).join(', ')} signed; ${digest}`
    return [wholeFinding(message, state)]
  },
}
