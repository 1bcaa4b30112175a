const telling =
  /token|secret|passw|passphrase|credential|private_?key|access_?key|account_?key|connection_?string|(?:^|_)pat(?:_|$)/i

/** Values of a configuration file whose keys are named as secrets. */
export const secretsIn = (text: string): string[] =>
  [...text.matchAll(/^\s*([\w-]+)\s*=\s*(\S.*?)\s*$/gm)]
    .filter(([, key = '', value = '']) => telling.test(key.replaceAll('-', '_')) && value.length >= 4)
    .map(([, , value]) => (value as string).replace(/^(["'])(.*)\1$/, '$2'))

/** Values of the environment that no output may show, longest first: those whose variable is named as one, in parts where they have lines. */
export function secretsOf(env: NodeJS.ProcessEnv = process.env): string[] {
  const own = Object.entries(env)
    .filter(([name]) => telling.test(name.replaceAll('-', '_')))
    .flatMap(([, value = '']) => [value, value.trim(), ...value.split(/\r?\n|\\n/)])
    // A short value is a word that could stand anywhere; a path or an address names where a secret lies.
    .filter((value) => value.length >= 8 && !/^(?:\/|https?:\/\/[^@]*$)/.test(value))
  const values = [...own, ...secretsIn(env.SLUICE_DVC_CONFIG ?? '')]
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const forms = values.flatMap((value) => [
    ...[value, encodeURIComponent(value), base64(value), base64(`x-access-token:${value}`)],
  ])
  return [...new Set(forms)].sort((a, b) => b.length - a.length)
}
