import { type GpuBudget, type GpuSpent, hoursText, overBudget, type TrainingNews } from '../judge/gpu-budget.ts'
import { code } from './markdown.ts'

/** What graphics cards may cost and have cost, who may spend them, and what the newest run waits for. */
export function budgetPart(spending: {
  budget: GpuBudget
  spent: GpuSpent
  news: TrainingNews | null
  /** Runs on this commit: a verdict that was tried for again is worth less than a first one. */
  started: number
}): string {
  const { budget, spent, news, started } = spending
  const of = (key: keyof GpuBudget, what: string) =>
    `${hoursText(spent[key])} of ${hoursText(budget[key])} hours ${what}`
  const spentSoFar = `${of('aPullRequest', 'of this pull request')} and ${of('aMonth', 'of this month')} are spent`
  const who = `who may write may spend them with ${code('/sluice train')}, once somebody else who may write has approved the commit`
  const over =
    overBudget(spent, budget) === null ? '' : ' Nothing more is trained until a maintainer raises the budget.'
  const tries = started > 1 ? ` Train was started ${started} times on this commit.` : ''
  return `Graphics cards: ${spentSoFar}; ${who}.${over}${tries}${news ? ` ${newsText(news)}` : ''}`
}

function newsText({ run, commit, isOld, state }: TrainingNews): string {
  const old = isOld ? `, of the older commit ${code(commit.slice(0, 12))},` : ''
  if (state === 'cancelled') {
    return `Run ${run} of Train${old} was cancelled${isOld ? '' : `: ${code('/sluice train')} starts another`}.`
  }
  return `Run ${run} of Train${old} ${state === 'waits' ? 'waits for its turn' : 'is at work'}.`
}
