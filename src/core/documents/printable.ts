/** Foreign text for a terminal: control and direction characters shown as "?", so that no name can move the cursor or hide. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')
}

/** Printed text that is no command to a CI runner, which reads "::" at the start of a line and "##[" anywhere in one. */
export function noCommand(text: string): string {
  return text.replaceAll('##[', '# #[').replace(/^([^\S\n]*):(?=:)/gm, '$1: ')
}

/** Foreign text for the log of a run: one line that moves no cursor, hides nothing and commands nothing. */
export function inert(text: string): string {
  return printable(text).replaceAll('##[', '# #[').replaceAll('::', ': :')
}

const shown = '***'
// Tokens that carry their kind in their first letters, and keys in PEM.
const tokens =
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|(?:AKIA|ASIA)[A-Z0-9]{16}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,})|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g
const named =
  /\b((?:aws_)?(?:secret_access_key|access_key_id|session_token|secret_key|account_key|sas_token|connection_string|client_secret|password|passphrase))(["']?\s*=\s*["']?|["']\s*:\s*["'])[^\s"',;]+/gi

/** Text without secrets: known values, credentials in addresses and headers, tokens and keys by their form. */
export function withoutSecrets(text: string, known: readonly string[] = []): string {
  let kept = text
  for (const secret of known) kept = kept.replaceAll(secret, shown)
  return kept
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi, `$1${shown}@`)
    .replace(/\b(authorization["']?\s*[:=]\s*["']?(?:basic|bearer|token)\s+)[^\s"',;]+/gi, `$1${shown}`)
    .replace(
      /([?&](?:X-Amz-(?:Signature|Security-Token|Credential)|sig|access_token|token)=)[^&\s"'<>]+/gi,
      `$1${shown}`,
    )
    .replace(tokens, shown)
    .replace(named, `$1$2${shown}`)
}
