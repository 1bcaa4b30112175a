import { eachOverlap } from './overlaps.ts'
import {
  type Limits,
  type PairJudge,
  type PairView,
  type RawFinding,
  type Rule,
  type RuleContext,
  rowFinding,
} from './rule.ts'

/** More pairs of one image than this are not told by one rule: a file of thousands of equal rows is one mistake. */
const mostPairsOfImage = 200

/** A rule about two rows of one image that overlap. Rules of this kind share one comparison of each pair. */
export function pairRule(rule: Omit<Rule, 'check' | 'scope' | 'pair'> & PairJudge): Rule {
  const { fails, message, oncePerBox = false, ...rest } = rule
  const pair = { fails, message, oncePerBox }
  const check = (context: RuleContext) => judgePairs(context, [{ ...pair, limit: context.limit }])[0] as RawFinding[]
  return { ...rest, scope: 'image', pair, check }
}

/** Findings of each judge over pairs of rows of `context.images`, told of the later row, in row order. */
export function judgePairs(
  context: Omit<RuleContext, 'limit'>,
  judges: readonly (PairJudge & { limit: number })[],
): RawFinding[][] {
  const { dataset, start, images, limitOf } = context
  const found: RawFinding[][] = judges.map(() => [])
  if (judges.length === 0) return found
  const limits: Limits[] = judges.map(({ limit }) => ({ limit, limitOf }))
  const least = Math.min(...judges.map(({ limit }) => limit))
  const pairs: PairView[][] = judges.map(() => [])
  const visit = (pair: PairView): boolean => {
    let open = false
    for (let i = 0; i < judges.length; i++) {
      const own = pairs[i] as PairView[]
      if (own.length < mostPairsOfImage && judges[i]?.fails(pair, limits[i] as Limits)) own.push({ ...pair })
      open ||= own.length < mostPairsOfImage
    }
    return open
  }
  for (const image of images) {
    const from = start[image] as number
    const to = start[image + 1] as number
    if (to - from < 2) continue
    eachOverlap(dataset, from, to, least, visit)
    for (let i = 0; i < judges.length; i++) {
      const own = pairs[i] as PairView[]
      if (own.length === 0) continue
      own.sort((p, q) => p.later - q.later || p.earlier - q.earlier)
      const { message, oncePerBox } = judges[i] as PairJudge
      for (const [k, pair] of own.entries()) {
        if (oncePerBox && own[k - 1]?.later === pair.later) continue
        found[i]?.push(rowFinding(context, pair.later, message(pair, dataset), pair.earlier))
      }
      own.length = 0
    }
  }
  return found
}
