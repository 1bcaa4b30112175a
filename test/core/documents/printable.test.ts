import { expect, test } from 'vitest'
import { inert, noCommand, printable, withoutSecrets } from '../../../src/core/documents/printable.ts'

test('a name cannot move the cursor, start a line or turn the reading direction', () => {
  expect(printable('vest\u001b[2Jx\ny\u202ez\u2028')).toBe('vest?[2Jx?y?z?')
  expect(printable('Größe − 0,5 → 头盔')).toBe('Größe − 0,5 → 头盔')
})

test('what is printed commands no CI runner', () => {
  expect(noCommand('::error::a\n \u00a0::b::\nx ::c ##[add-mask]d')).toBe(
    ': :error::a\n \u00a0: :b::\nx ::c # #[add-mask]d',
  )
  expect(inert('::a\n##[b]')).toBe(': :a?# #[b]')
})

test.each([
  ['https://ada:hunter22@dvc.example/store?x=1#y', 'https://***@dvc.example/store?x=1#y'],
  ['ssh://ada@host/x', 'ssh://***@host/x'],
  ['Authorization: Basic YWRhOmh1bnRlcjIy', 'Authorization: Basic ***'],
  ['x?X-Amz-Credential=a&X-Amz-Signature=b&c=d', 'x?X-Amz-Credential=***&X-Amz-Signature=***&c=d'],
  [`token ghs_${'a'.repeat(36)} and github_pat_${'b'.repeat(40)}`, 'token *** and ***'],
  ['AKIAABCDEFGHIJKLMNOP', '***'],
  ["secret_access_key = 'abc/def+g'", "secret_access_key = '***'"],
  ['{"password": "abc def"} and password: check', '{"password": "*** def"} and password: check'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nend', '***\nend'],
  ['the value known here', 'the value *** here', 'known'],
  ['mail ada@host, a/b@c, https://host/a@b, @octocat, x: y', 'mail ada@host, a/b@c, https://host/a@b, @octocat, x: y'],
])('%j is shown as %j', (text, shown, ...known) => {
  expect(withoutSecrets(text, known as string[])).toBe(shown)
})
