/** What a proposal's files say of channels: nothing, one promotion or rollback, or what is none. */
export type PromotedChannel = { channel: string | null; wrong: string | null }

/** The channel that a proposal changes; text beside the channels is no part of one. */
export function promotedChannel(changed: readonly string[]): PromotedChannel {
  const files = changed.filter((path) => /^channels\//.test(path) && !/\.md$/.test(path))
  const named = files.flatMap((path) => /^channels\/([a-z0-9][a-z0-9-]{0,63})\.yaml$/.exec(path)?.[1] ?? [])
  const [channel = null, second] = named
  if (second !== undefined) return { channel: null, wrong: `it changes ${named.join(' and ')}: one channel at a time` }
  if (channel === null && files.length > 0) {
    return { channel: null, wrong: `it changes ${files.slice(0, 3).join(', ')}, and no channel` }
  }
  return { channel, wrong: null }
}
