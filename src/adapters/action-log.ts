import * as core from '@actions/core'
import { inert, printable, withoutSecrets } from '../core/documents/printable.ts'
import { plain } from '../core/render/markdown.ts'
import type { Annotation } from '../ports.ts'
import { secretsOf } from './secrets.ts'

/** Foreign text as a run's log may show it: no secret, no hidden character, no command. */
export const logged = (text: string) => inert(withoutSecrets(text, secretsOf()))

/** Ends a run as failed, with a reason that may quote foreign data. */
export function failBecause(reason: string): void {
  core.setFailed(logged(reason))
}

/** Ends a run as failed by what was thrown: where, what, and how to mend it. */
export function failWith(error: Error & { where?: string; mend?: string }): void {
  failBecause([error.where, error.message, error.mend].filter(Boolean).join(': '))
}

/** One line of a run's log. */
export function tell(line: string): void {
  core.info(logged(line))
}

/** One sentence on the run's page. */
export async function summarize(sentence: string): Promise<void> {
  await core.summary.addRaw(`${plain(withoutSecrets(sentence, secretsOf()))}\n`, true).write()
}

/** GitHub keeps ten annotations a level and step: the worst come first. */
export function annotate(annotations: readonly Annotation[]): void {
  const write = { failure: core.error, warning: core.warning, notice: core.notice }
  for (const level of ['failure', 'warning', 'notice'] as const) {
    const some = annotations.filter((annotation) => annotation.level === level).slice(0, 10)
    for (const { path, line, message, title } of some) {
      write[level](logged(message), {
        file: printable(path),
        title: printable(title),
        ...(line > 0 ? { startLine: line } : {}),
      })
    }
  }
}
