/** The models that are compared, each in one colour and line style on the whole page. */
const arms: Record<string, { color: string; dashed?: boolean }> = {
  champion: { color: 'var(--champion)' },
  control: { color: 'var(--control)', dashed: true },
  candidate: { color: 'var(--candidate)' },
}

export function armOf(name: string): { color: string; dashed?: boolean; word: string } {
  return { color: 'var(--soft)', ...arms[name], word: name }
}
