import { sha256 } from '../../documents/define.ts'
import { type FindingsBody, findings } from '../../documents/findings.ts'
import { UsageError } from '../../errors.ts'
import { knownArguments } from './arguments.ts'
import { readConfigurations } from './configuration.ts'
import { nameRules } from './names.ts'
import { optimizerRules } from './optimizer.ts'
import { recipeRules } from './recipe.ts'
import { repeatabilityRules } from './repeatability.ts'
import type { LintRule } from './rule.ts'

/** Every rule, in the order of the documentation. */
export const lintRules: LintRule[] = [...nameRules, ...optimizerRules, ...recipeRules, ...repeatabilityRules]

/** Findings over every training run that a file configures (a pipeline, a YAML of arguments, `yolo train` lines). */
export function lintTraining(text: string, file: string) {
  const configurations = readConfigurations(text, knownArguments)
  if (configurations.length === 0 && !/^role:\s*export\b/m.test(text)) {
    throw new UsageError('this configures no training', {
      where: file,
      mend: 'give a pipeline, a YAML of training arguments, or a file with yolo train commands',
    })
  }
  const found = configurations.flatMap((configuration) =>
    lintRules.flatMap((rule) =>
      rule.check(configuration).map(({ argument, line, message, mend }): FindingsBody['findings'][number] => ({
        rule: rule.id,
        severity: rule.severity,
        file,
        line: line ?? configuration.entries.get(argument)?.line ?? configuration.line,
        image: null,
        message,
        mend,
        fingerprint: sha256([rule.id, file, argument, message].join('\n')),
      })),
    ),
  )
  found.sort((a, b) => a.line - b.line)
  const counts = { error: 0, warning: 0, info: 0 }
  for (const { severity } of found) counts[severity]++
  return findings.make(
    { recipe: sha256(text) },
    {
      verdict: counts.error > 0 ? 'fail' : 'pass',
      counts,
      findings: found,
      scope: { images: 0, boxes: 0, rules: lintRules.map(({ id }) => id), format: 'training', imagesRead: 0 },
    },
  )
}
