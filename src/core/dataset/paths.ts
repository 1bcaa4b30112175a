/** Image suffixes that the Ultralytics loader takes, lower case, no dot. */
const imageSuffixes: ReadonlySet<string> = new Set(
  'avif bmp dng heic heif jp2 jpeg jpg mpo png tif tiff webp'.split(' '),
)

export function isImagePath(path: string): boolean {
  return imageSuffixes.has(suffixOf(path).toLowerCase())
}

/** Suffix without the dot; empty when there is none. */
export function suffixOf(path: string): string {
  const dot = path.lastIndexOf('.')
  return dot > path.lastIndexOf('/') + 1 ? path.slice(dot + 1) : ''
}

export function withoutSuffix(path: string): string {
  const suffix = suffixOf(path)
  return suffix ? path.slice(0, -suffix.length - 1) : path
}

/**
 * A path written in a data set's file, relative to the data set's root and without `.` and `..`; null when it is
 * absolute, a URL, or leaves the root. `from` is the folder, relative to the root, that it is written against.
 */
export function insideRoot(written: string, from = ''): string | null {
  const path = written.replaceAll('\\', '/')
  if (path.startsWith('/') || path.startsWith('~') || /^[a-z]:/i.test(path) || path.includes('\0')) return null
  if (/^[a-z][a-z0-9+.-]*:/i.test(path)) return null
  const parts = from.split('/').filter(Boolean)
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return null
  }
  return parts.join('/')
}

/** Where the loader looks for an image's labels: the last folder `images` becomes `labels`, the suffix `.txt`. */
export function labelPathOf(imagePath: string): string {
  const at = `/${imagePath}`.lastIndexOf('/images/')
  const moved = at < 0 ? imagePath : `${imagePath.slice(0, at)}labels/${imagePath.slice(at + 7)}`
  return `${withoutSuffix(moved)}.txt`
}

/** An image's identity: its path without the last folder `images` (or `JPEGImages`) and without suffix, in NFC. */
export function imageNameOf(imagePath: string): string {
  const path = imagePath.startsWith('JPEGImages/') ? imagePath.slice(4) : imagePath
  const at = `/${path}`.toLowerCase().lastIndexOf('/images/')
  return withoutSuffix(at < 0 ? path : path.slice(0, at) + path.slice(at + 7)).normalize('NFC')
}

/** Lines of a list file with their numbers; empty lines and a byte-order mark are left out. */
export function listLines(text: string): { text: string; line: number }[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .map((line, i) => ({ text: line.trim(), line: i + 1 }))
    .filter((line) => line.text !== '')
}

/** What is wrong with a file's name on some machine, or null; folders of the path are looked at too. */
export function nameProblem(path: string): string | null {
  if (path.length * 3 > 255 && new TextEncoder().encode(path).length > 255) return 'its path is longer than 255 bytes'
  if (/^[\w./-]+$/.test(path) && !/(?:^|\/)-|\.(?:\/|$)/.test(path) && !devices.test(path)) return null
  for (const part of path.split('/')) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\x00-\x1f\x7f-\x9f]/.test(part)) return 'its name holds a control character'
    if (/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(part))
      return 'its name holds a mark that turns the direction of text'
    if (part.startsWith('-')) return 'its name begins with a dash, which programs take for an option'
    if (/[. ]$/.test(part) || /^ /.test(part)) {
      return 'its name begins or ends with a space or ends with a dot, which Windows drops'
    }
    if (/[<>:"|?*\\]/.test(part)) return 'its name holds a character that Windows does not allow'
  }
  return devices.test(path) ? 'its name is that of a device on Windows' : null
}

const devices = /(?:^|\/)(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.[^/]*)?(?:\/|$)/i
