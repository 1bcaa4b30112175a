/** Foreign text for a terminal: control and direction characters shown as "?", so that no name can move the cursor or hide. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')
}
