import { UsageError } from '../errors.ts'

/**
 * Who a run says it is at a cloud, so that a DVC remote there lets it read: the role or account that takes GitHub's
 * identity token in place of a key, and the audience that the token is made for.
 */
export type CloudIdentity = { audience: string } & (
  | { cloud: 'aws'; role: string; region: string }
  | { cloud: 'google'; provider: string; account: string | null }
  | { cloud: 'azure'; client: string; tenant: string }
)
type Cloud = CloudIdentity['cloud']

const name = 'SLUICE_DVC_OIDC'
const guid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
/** What each cloud wants to be told; a key with a question mark may be left out. */
const keys: Record<Cloud, Record<string, RegExp>> = {
  aws: { role: /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, region: /^[a-z]{2}(?:-[a-z]+)+-\d$/ },
  google: {
    provider: /^projects\/\d+\/locations\/global\/workloadIdentityPools\/[\w-]+\/providers\/[\w-]+$/,
    'account?': /^[\w-]+@[\w.-]+\.iam\.gserviceaccount\.com$/,
  },
  azure: { client: guid, tenant: guid },
}
const examples: Record<Cloud, string> = {
  aws: 'aws role=arn:aws:iam::123456789012:role/dvc-read region=eu-central-1',
  google: 'google provider=projects/1/locations/global/workloadIdentityPools/github/providers/sluice account=…',
  azure: 'azure client=00000000-0000-0000-0000-000000000000 tenant=00000000-0000-0000-0000-000000000000',
}
/** Schemes of DVC remotes by the cloud that they are at. */
const schemes: Record<Cloud, readonly string[]> = {
  aws: ['s3'],
  google: ['gs', 'gcs'],
  azure: ['azure', 'abfs', 'abfss', 'adl', 'az'],
}

/** Reads the setting SLUICE_DVC_OIDC: a cloud and what it wants to be told, as in `aws role=… region=…`; null when empty. */
export function parseCloudIdentity(text: string): CloudIdentity | null {
  const [word, ...pairs] = text.trim().split(/\s+/)
  if (!word) return null
  if (!Object.hasOwn(keys, word))
    throw refusal(`"${word}" is no cloud`, `begin it with ${Object.keys(keys).join(', ')}`)
  const cloud = word as Cloud
  const wanted = new Map(Object.entries({ ...keys[cloud], 'audience?': /^[\w.:/-]+$/ }))
  const given = new Map<string, string>()
  for (const pair of pairs) {
    const [key = '', value = ''] = [pair.replace(/=.*$/, ''), /=(.*)$/.exec(pair)?.[1]]
    const form = wanted.get(key) ?? wanted.get(`${key}?`)
    if (!form || given.has(key)) throw refusal(`"${key}" does not belong here, or not twice`, examples[cloud])
    if (!form.test(value)) throw refusal(`"${key}" has a value of another form`, examples[cloud])
    given.set(key, value)
  }
  const lacks = [...wanted.keys()].find((key) => !key.endsWith('?') && !given.has(key))
  if (lacks) throw refusal(`it names no ${lacks}`, examples[cloud])
  const of = (key: string) => given.get(key) ?? ''
  const audience = (usual: string) => ({ audience: of('audience') || usual })
  if (cloud === 'aws') return { cloud, role: of('role'), region: of('region'), ...audience('sts.amazonaws.com') }
  if (cloud === 'azure')
    return { cloud, client: of('client'), tenant: of('tenant'), ...audience('api://AzureADTokenExchange') }
  const provider = of('provider')
  return { cloud, provider, account: of('account') || null, ...audience(`https://iam.googleapis.com/${provider}`) }
}

/** The cloud that a DVC remote's URL is at; null for every other place. */
export function cloudOf(url: string): Cloud | null {
  const scheme = /^([a-z0-9+.-]+):\/\//i.exec(url)?.[1]?.toLowerCase() ?? ''
  return (Object.keys(schemes) as Cloud[]).find((cloud) => schemes[cloud].includes(scheme)) ?? null
}

/**
 * What the clouds' own libraries read to take a token from a file in place of a key: variables, and for Google the text of
 * the file that GOOGLE_APPLICATION_CREDENTIALS names.
 */
export function identityVariables(
  identity: CloudIdentity,
  files: { token: string; settings: string },
): { variables: Record<string, string>; settings: string | null } {
  // The machine's own role, account or identity is not to stand in where the token is refused.
  if (identity.cloud === 'aws') {
    const { role, region } = identity
    const named = {
      AWS_ROLE_ARN: role,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ROLE_SESSION_NAME: 'sluice',
    }
    return {
      variables: { AWS_WEB_IDENTITY_TOKEN_FILE: files.token, ...named, AWS_EC2_METADATA_DISABLED: 'true' },
      settings: null,
    }
  }
  if (identity.cloud === 'azure') {
    const { client, tenant } = identity
    const named = { AZURE_CLIENT_ID: client, AZURE_TENANT_ID: tenant, AZURE_FEDERATED_TOKEN_FILE: files.token }
    return { variables: { ...named, AZURE_TOKEN_CREDENTIALS: 'WorkloadIdentityCredential' }, settings: null }
  }
  const impersonated = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${identity.account}:generateAccessToken`
  const settings = {
    type: 'external_account',
    audience: `//iam.googleapis.com/${identity.provider}`,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    ...(identity.account === null ? {} : { service_account_impersonation_url: impersonated }),
    credential_source: { file: files.token, format: { type: 'text' } },
  }
  const variables = { GOOGLE_APPLICATION_CREDENTIALS: files.settings, NO_GCE_CHECK: 'true' }
  return { variables, settings: JSON.stringify(settings) }
}

const refusal = (what: string, mend: string) => new UsageError(what, { where: name, mend: `write it as: ${mend}` })
