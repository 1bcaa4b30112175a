import { expect, test } from 'vitest'
import { cloudOf, identityVariables, parseCloudIdentity } from '../../../src/core/documents/cloud-identity.ts'

const files = { token: '/job/token', settings: '/job/settings.json' }
const provider = 'projects/123456789/locations/global/workloadIdentityPools/github/providers/sluice'
const variablesOf = (text: string) => {
  const identity = parseCloudIdentity(text)
  if (!identity) throw new Error('no identity')
  return { ...identityVariables(identity, files), audience: identity.audience }
}

test('a role at AWS is taken by a token in a file, never by the machine’s own role', () => {
  expect(variablesOf('aws role=arn:aws:iam::123456789012:role/dvc-read region=eu-central-1')).toEqual({
    audience: 'sts.amazonaws.com',
    settings: null,
    variables: {
      AWS_WEB_IDENTITY_TOKEN_FILE: files.token,
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/dvc-read',
      AWS_ROLE_SESSION_NAME: 'sluice',
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  })
  expect(variablesOf('aws role=arn:aws-cn:iam::123456789012:role/a/b region=cn-north-1 audience=x').audience).toBe('x')
})

test('a provider at Google is named in an external account, with the service account that it stands for or without', () => {
  const { variables, settings, audience } = variablesOf(
    `google provider=${provider} account=reader@acme.iam.gserviceaccount.com`,
  )
  expect(audience).toBe(`https://iam.googleapis.com/${provider}`)
  expect(variables).toEqual({ GOOGLE_APPLICATION_CREDENTIALS: files.settings, NO_GCE_CHECK: 'true' })
  expect(JSON.parse(settings ?? '')).toEqual({
    type: 'external_account',
    audience: `//iam.googleapis.com/${provider}`,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    service_account_impersonation_url:
      'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/reader@acme.iam.gserviceaccount.com:generateAccessToken',
    credential_source: { file: files.token, format: { type: 'text' } },
  })
  expect(variablesOf(`google provider=${provider}`).settings).not.toContain('impersonation')
})

test('an application at Azure is named with its tenant and a token in a file', () => {
  const [client, tenant] = ['11111111-2222-3333-4444-555555555555', '66666666-7777-8888-9999-000000000000']
  expect(variablesOf(`azure client=${client} tenant=${tenant}`)).toEqual({
    audience: 'api://AzureADTokenExchange',
    settings: null,
    variables: {
      AZURE_CLIENT_ID: client,
      AZURE_TENANT_ID: tenant,
      AZURE_FEDERATED_TOKEN_FILE: files.token,
      AZURE_TOKEN_CREDENTIALS: 'WorkloadIdentityCredential',
    },
  })
})

test('a setting that is not whole is refused with how it is written, and an empty one is none', () => {
  expect(parseCloudIdentity('  ')).toBeNull()
  for (const [text, says] of [
    ['gcp provider=x', '"gcp" is no cloud'],
    ['aws role=arn:aws:iam::123456789012:role/x', 'it names no region'],
    ['aws role=arn:aws:iam::1:role/x region=eu-west-1', '"role" has a value of another form'],
    ['aws role=arn:aws:iam::123456789012:user/x region=eu-west-1', '"role" has a value of another form'],
    ['aws region=eu-west-1 region=eu-west-1', '"region" does not belong here, or not twice'],
    ['aws secret=x', '"secret" does not belong here'],
    ['aws constructor=x', '"constructor" does not belong here'],
    ['constructor', '"constructor" is no cloud'],
    ['google provider=github', '"provider" has a value of another form'],
    ['azure client=x tenant=y', '"client" has a value of another form'],
  ] as const) {
    expect(() => parseCloudIdentity(text), text).toThrow(says)
  }
})

test('a remote’s cloud is told from its URL', () => {
  const of = { 's3://a/b': 'aws', 'S3://a': 'aws', 'gs://a': 'google', 'azure://a/b': 'azure', 'abfss://a@b': 'azure' }
  for (const [url, cloud] of Object.entries(of)) expect(cloudOf(url), url).toBe(cloud)
  for (const url of ['ssh://a', '../store', '/s3://a', 'https://s3.amazonaws.com/a'])
    expect(cloudOf(url), url).toBeNull()
})
