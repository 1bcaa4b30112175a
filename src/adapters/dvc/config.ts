import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/** What of DVC's configuration says where objects lie. */
export type DvcConfig = {
  /** The folder above `.dvc`, absolute: relative URLs are meant from its `.dvc`. */
  root: string
  /** The default remote's name; null when none is named. */
  remote: string | null
  urls: Map<string, string>
  /** Folder of the cache, absolute. */
  cache: string
  /** What is trusted of the repository and of this machine; DVC itself reads them for remotes on a network. */
  texts: { repository: string; machine: string }
  /** A proposal's own: whatever it names is given no credentials of this run. */
  proposed: boolean
}

/**
 * Reads a repository's configuration and those of the machine around it (the user's own is weaker, config.local
 * stronger); the files' form is Python's INI. SLUICE_DVC_CONFIG, a secret of a job, stands in for config.local.
 */
export function readDvcConfig(root: string, repository: string, local: string, { proposed = false } = {}): DvcConfig {
  const secret = proposed ? '' : (process.env.SLUICE_DVC_CONFIG ?? '')
  const machine = secret.trim() === '' ? local : secret
  const { values, urls } = settingsOf([userConfig(), repository, machine])
  const cache = values.get('cache.dir')
  return {
    root,
    remote: values.get('core.remote')?.toLowerCase() ?? null,
    urls,
    cache: cache === undefined ? join(root, '.dvc/cache') : resolve(root, '.dvc', cache),
    texts: { repository, machine },
    proposed,
  }
}

/** The URL of the default remote of a repository's configuration; null when it names none. */
export function defaultRemote(repository: string): string | null {
  const { values, urls } = settingsOf([repository])
  return urls.get(values.get('core.remote')?.toLowerCase() ?? '') ?? null
}

/** What files of settings say together, a later one over an earlier one. */
function settingsOf(texts: readonly string[]): { values: Map<string, string>; urls: Map<string, string> } {
  const values = new Map<string, string>()
  const urls = new Map<string, string>()
  for (const text of texts) {
    let section = ''
    for (const line of text.split(/\r?\n/)) {
      const header = /^\s*\[(.+)\]\s*(#.*)?$/.exec(line)?.[1]
      const [, key = '', value = ''] = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
      if (header !== undefined) section = header.trim().replace(/^'(.*)'$/, '$1')
      else if (key !== '') {
        const remote = /^remote\s+"?([^"]+)"?$/.exec(section)?.[1]
        const plain = unquoted(value)
        if (remote !== undefined && key === 'url') urls.set(remote.toLowerCase(), plain)
        else values.set(`${section}.${key}`, plain)
      }
    }
  }
  return { values, urls }
}

/** The configuration of a work tree that is trusted as it lies there. */
export function workTreeConfig(root: string): DvcConfig {
  const of = (name: string) => textOf(join(root, '.dvc', name)) ?? ''
  return readDvcConfig(root, of('config'), of('config.local'))
}

/** The text of a file that is one; null when it is missing, a link or a folder. */
export function textOf(file: string): string | null {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : null
}

/** The folder that a remote's URL means, absolute; null for one that is reached over a network. */
export function folderRemote(config: DvcConfig, url: string): string | null {
  const path = url.replace(/^file:\/\//, '').replace(/^local:\/\//, '')
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return null
  // `remote://name/path` is below another remote; it has a scheme and is left to DVC.
  return isAbsolute(path) ? path : resolve(config.root, '.dvc', path)
}

function unquoted(value: string): string {
  const quoted = /^(['"])(.*)\1$/.exec(value)?.[2]
  return quoted ?? value.replace(/\s+#.*$/, '')
}

/** The user's configuration, where DVC keeps it on this system. */
function userConfig(): string {
  const home =
    process.platform === 'darwin' ? join(homedir(), 'Library/Application Support') : join(homedir(), '.config')
  const folder = process.env.DVC_GLOBAL_CONFIG_DIR ?? join(process.env.XDG_CONFIG_HOME ?? home, 'dvc')
  const file = join(folder, 'config')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
