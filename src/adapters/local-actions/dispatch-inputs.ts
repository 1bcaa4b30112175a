import { text } from './triggers.ts'

type Declared = { required?: boolean; default?: unknown; type?: string; options?: string[] }
type Read = { inputs: Record<string, string> } | { refused: string }

/** Inputs of a dispatch as GitHub takes them: defaults filled in; what is unknown, missing or no option is refused. */
export function dispatchInputs(on: unknown, given: Record<string, unknown>): Read {
  const dispatch = on !== null && typeof on === 'object' ? (on as Record<string, unknown>).workflow_dispatch : undefined
  const has = on === 'workflow_dispatch' || (Array.isArray(on) && on.includes('workflow_dispatch'))
  if (dispatch === undefined && !has) return { refused: "Workflow does not have 'workflow_dispatch' trigger" }
  const declared = ((dispatch ?? {}) as { inputs?: Record<string, Declared | null> }).inputs ?? {}
  const unknown = Object.keys(given).filter((name) => !(name in declared))
  if (unknown.length > 0) return { refused: `Unexpected inputs provided: ${JSON.stringify(unknown)}` }
  const inputs: Record<string, string> = {}
  for (const [name, declaration] of Object.entries(declared)) {
    const fallback = declaration?.default === undefined ? '' : String(declaration.default)
    const value = given[name] === undefined ? fallback : text(given, name) || String(given[name])
    if (declaration?.required && value === '') return { refused: `Required input '${name}' not provided` }
    if (declaration?.type === 'choice' && value !== '' && !declaration.options?.map(String).includes(value)) {
      return { refused: `Provided value '${value}' for input '${name}' not in the list of allowed values` }
    }
    inputs[name] = value
  }
  return { inputs }
}
