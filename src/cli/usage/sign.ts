export const usage = `
usage: sluice sign SPEC [--by NAME]... [--on DATE]

  SPEC        a dataset spec; its exemplars must exist and decode
  --by NAME   who agrees; once for each approver. Without it, only the digest and who signed it are printed
  --on DATE   2026-11-22 (default: today)

Writes signedOff {by, on, digest} at the end of the spec; all else stays as it is. The digest is the SHA-256 of the spec
without that block, in canonical JSON: a comment or another order of keys keeps it, any other change voids it.

exit codes: 0 signed, or nothing to do · 1 without --by: not signed, or changed since · 2 the spec is not sound
`
