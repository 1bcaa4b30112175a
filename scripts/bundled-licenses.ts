import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Licences of the packages whose modules are in a bundle, as their authors ask that they go along, in the order of names;
 * a package without a licence file is named with the licence that its package.json states.
 */
export function bundledLicenses(modules: readonly string[]): string {
  const folders = new Map<string, string>()
  for (const module of modules) {
    const [, folder = '', name = ''] = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(module) ?? []
    if (folder !== '') folders.set(`${name} ${folder.split('/node_modules/').length}`, folder)
  }
  const sections = [...folders.values()].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder)
      .sort()
      .find((entry) => /^(licen[cs]e|copying)/i.test(entry))
    const text = file ? readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim() : `Licence: ${license}`
    return `${name} ${version}\n\n${text}\n`
  })
  return [...new Set(sections)].sort().join(`\n${'-'.repeat(72)}\n\n`)
}
