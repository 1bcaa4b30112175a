import type { Rule } from '../check/rule.ts'
import type { Finding, FindingsBody } from '../documents/findings.ts'

const levels = { error: 'error', warning: 'warning', info: 'note' } as const

/** Findings as SARIF 2.1.0; `prefix` is the data set's path in the repository, so that annotations find their file. */
export function findingsSarif(body: FindingsBody, rules: readonly Rule[], version: string, prefix: string): string {
  const used = [...new Set(body.findings.map((finding) => finding.rule))]
  const descriptors = used.map((id) => {
    const rule = rules.find((known) => known.id === id)
    return {
      id,
      shortDescription: { text: rule?.title ?? id },
      fullDescription: { text: rule?.explanation ?? id },
      help: { text: rule?.mend ?? id },
      defaultConfiguration: { level: levels[rule?.severity ?? 'error'] },
    }
  })
  const run = {
    tool: { driver: { name: 'sluice', version, rules: descriptors } },
    columnKind: 'utf16CodeUnits',
    results: body.findings.map((finding) => result(finding, used.indexOf(finding.rule), prefix)),
  }
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }
  return `${JSON.stringify(log, null, 2)}\n`
}

function result(finding: Finding, ruleIndex: number, prefix: string): object {
  const uri = [prefix, finding.file].filter((part) => part !== '').join('/') || '.'
  const region = { startLine: Math.max(1, finding.line), ...(finding.column ? { startColumn: finding.column } : {}) }
  return {
    ruleId: finding.rule,
    ruleIndex,
    level: levels[finding.severity],
    message: { text: finding.mend ? `${finding.message}. ${finding.mend}` : finding.message },
    locations: [{ physicalLocation: { artifactLocation: { uri: encodeURI(uri) }, region } }],
    partialFingerprints: { 'sluice/v1': finding.fingerprint },
    ...(finding.status === 'old' ? { baselineState: 'unchanged' } : { baselineState: 'new' }),
    ...(finding.status === 'waived' ? { suppressions: [{ kind: 'external' }] } : {}),
  }
}
