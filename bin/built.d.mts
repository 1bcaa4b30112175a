export const builds: string
export function stateOf(path: string): string
export function freshBuild(verb: string): string | undefined
