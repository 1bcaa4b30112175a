import type { Rule } from '../check/rule.ts'

/** The page docs/rules.md: every rule with its own severity and limit, why it matters and how to mend it. */
export function rulesPage(rules: readonly Rule[]): string {
  const sections = rules.map((rule) => {
    const limit = rule.limit ? ` Limit: ${rule.limit.value} (${rule.limit.meaning}).` : ''
    const base = rule.needsBase ? ' Only against a base.' : ''
    return `## ${rule.id}\n\n${rule.title}. Severity: ${rule.severity}.${limit}${base}\n\n${rule.explanation}\n\nTo mend it: ${rule.mend}\n`
  })
  const head = `# Rules of \`sluice check\`

Written from \`src/core/check/rules.ts\` by \`node scripts/write-rules-page.ts\`; a test compares. Severities and limits are
suggestions of the rules; \`gates/dataset.yaml\` decides. An error that is new against the base makes the check fail.

| rule | severity | |
|---|---|---|
${rules.map((rule) => `| [${rule.id}](#${rule.id}) | ${rule.severity} | ${rule.title} |`).join('\n')}
`
  return [head, ...sections].join('\n')
}
