import type { Rule } from '../check/rule.ts'
import type { Finding, FindingsBody } from '../documents/findings.ts'
import { printable } from '../documents/printable.ts'

const levels = { error: 'error', warning: 'warning', info: 'note' } as const
const problems = { error: 'error', warning: 'warning', info: 'recommendation' } as const
/** GitHub takes no more results of a run; it shows the first 5,000. */
const mostResults = 25_000

/**
 * Findings as SARIF 2.1.0, worst first; `prefix` is the data set's path in the repository, so that annotations find
 * their file. What does not fit GitHub's limit is left out, and the run says how much.
 */
export function findingsSarif(body: FindingsBody, rules: readonly Rule[], version: string, prefix: string): string {
  const listed = body.findings.slice(0, mostResults)
  const used = [...new Set(listed.map((finding) => finding.rule))]
  const index = new Map(used.map((id, i) => [id, i]))
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  const left = body.findings.length - listed.length
  const text = `${left} further findings do not fit the limit of ${mostResults} results a run; the JSON report has them.`
  const run = {
    tool: { driver: { name: 'sluice', version, rules: used.map((id) => descriptor(id, byId.get(id))) } },
    // A repository may hold several data sets: each is a category of its own.
    automationDetails: { id: `sluice/${uriOf(prefix, '')}/` },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful: true,
        ...(left > 0 ? { toolExecutionNotifications: [{ level: 'warning', message: { text } }] } : {}),
      },
    ],
    results: listed.map((finding) => result(finding, index.get(finding.rule) as number, prefix)),
  }
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }
  return `${JSON.stringify(log, null, 2)}\n`
}

/** A rule as readers of the report see it; rules about waivers have no file of their own. */
function descriptor(id: string, rule: Rule | undefined): object {
  const severity = rule?.severity ?? 'error'
  const { title = id, explanation = id, mend = 'See the message.' } = rule ?? {}
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: explanation },
    help: { text: `${explanation}\n\n${mend}`, markdown: `${explanation}\n\n**To mend it:** ${mend}` },
    defaultConfiguration: { level: levels[severity] },
    properties: { tags: ['data set'], precision: 'high', 'problem.severity': problems[severity] },
  }
}

function result(finding: Finding, ruleIndex: number, prefix: string): object {
  const { rule, severity, message, mend, file, line, column, fingerprint, status, pair } = finding
  const region = { startLine: Math.max(1, line), ...(column ? { startColumn: column } : {}) }
  // Readers of SARIF make a link of [words](address) also in plain text.
  const text = printable(mend ? `${message}. ${mend}` : message).replaceAll('](', '] (')
  const other = {
    id: 1,
    message: { text: printable(`the other image of the pair, in ${pair?.split}`).replaceAll('](', '] (') },
    physicalLocation: { artifactLocation: { uri: uriOf(prefix, pair?.file ?? '') } },
  }
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[severity],
    message: { text: text || rule },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(prefix, file) }, region } }],
    ...(pair ? { relatedLocations: [other] } : {}),
    // GitHub tells known alerts from new ones by the second; it would hash the line, which moves.
    partialFingerprints: { 'sluice/v1': fingerprint, primaryLocationLineHash: `${fingerprint}:1` },
    baselineState: status === 'old' ? 'unchanged' : 'new',
    ...(status === 'waived' || status === 'accepted'
      ? { suppressions: [{ kind: 'external', status: 'accepted' }] }
      : {}),
  }
}

/** A relative URI reference: every part of the path percent-encoded, so that no name is a scheme, query or fragment. */
function uriOf(prefix: string, file: string): string {
  const parts = [prefix, file].filter((part) => part !== '' && part !== '.')
  return parts.join('/').toWellFormed().split('/').map(encodeURIComponent).join('/') || '.'
}
