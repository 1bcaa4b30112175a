import { checkExemplars, repositoryOf } from '../../adapters/dataset/exemplars.ts'
import { readText, writeWhole } from '../../adapters/files.ts'
import { signatureOf, specDigest, specProblems } from '../../core/dataset/label-spec.ts'
import { datasetSpec } from '../../core/documents/declared.ts'
import { parseDeclared } from '../../core/documents/parse.ts'
import { printable } from '../../core/documents/printable.ts'
import { signedText } from '../../core/documents/sign-text.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(
      args,
      { by: { type: 'string', multiple: true }, on: { type: 'string' } },
      { least: 1, most: 1, names: 'SPEC' },
    )
    const file = positionals[0] as string
    const text = readText(file)
    const spec = parseDeclared(datasetSpec, text, file, specProblems)
    const digest = specDigest(spec)
    const state = signatureOf(spec)
    const before = state === 'signed' ? (spec.signedOff?.by ?? []) : []
    if (values.by === undefined) {
      console.print(digest)
      const signers = (spec.signedOff?.by ?? []).join(', ')
      const said = {
        signed: `signed by ${signers} on ${spec.signedOff?.on}`,
        changed: `changed since ${signers} signed it`,
        unsigned: 'not signed: name who agrees with --by',
      }
      console.log(printable(`${file}: ${said[state]}`))
      return state === 'signed' ? exitCodes.pass : exitCodes.fail
    }
    const by = [...new Set([...before, ...values.by.map((name) => name.trim())])]
    if (by.length === before.length) {
      console.print(printable(`nothing to do: ${by.join(', ')} signed ${digest}`))
      return exitCodes.pass
    }
    const [lacking] = await checkExemplars(spec, repositoryOf(file))
    if (lacking) throw new UsageError(lacking.message, { where: file, mend: 'mend the exemplars before signing' })
    const on = values.on ?? new Date().toISOString().slice(0, 10)
    const signed = signedText(text, { by, on, digest }, file)
    // Read again before it is written: a name or date that the schema refuses must not spoil the file.
    const again = parseDeclared(datasetSpec, signed, file, specProblems)
    if (signatureOf(again) !== 'signed') throw new UsageError('the signature does not bind this spec', { where: file })
    writeWhole(file, signed)
    console.print(printable(`signed by ${by.join(', ')} on ${on}: ${digest}`))
    return exitCodes.pass
  },
}
