import { printable } from '../documents/printable.ts'

/** Foreign text for markdown: nothing in it can open a tag, link, mention, table cell or code span. */
export function markdownText(text: string): string {
  return printable(text)
    .replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/[\\`*_{}[\]|#!~]/g, (char) => `\\${char}`)
    .replace(/@/g, '@\u200b')
}
