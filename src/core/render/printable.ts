/** Text from data, safe to print: control and direction characters become escapes, so that no line can forge another. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${(char.codePointAt(0) as number).toString(16)}}`)
}

/** The same for markdown: nothing in it can open a tag, link, mention, table cell or code span. */
export function printableMarkdown(text: string): string {
  return printable(text)
    .replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/[\\`*_{}[\]|#!~]/g, (char) => `\\${char}`)
    .replace(/@/g, '@\u200b')
}
