import type { PullRequestReport } from '../report-input.ts'
import { ap, digestTable, html, percent, plural, section, signed } from './html.ts'
import { type ModelParts, modelSection } from './model.ts'
import { pictureKeys } from './page-script.ts'
import { pictureGroup } from './pictures.ts'
import { pageShell } from './shell.ts'

export type ComparePageInput = Required<Pick<ModelParts, 'evaluations' | 'comparisons'>> &
  Pick<ModelParts, 'attribution'> & {
    title: string
    pictures: PullRequestReport['pictures']
    /** Why pictures are missing, or how to get some. */
    pictureNote?: string
    digests: { label: string; value: string }[]
    recompute: string[]
  }

/** Two evaluations as a page of their own: the model's part of a pull request, with flips and how to recompute it. */
export function renderComparePage(input: ComparePageInput): string {
  const { comparisons, pictures, pictureNote } = input
  const groups = pictures.filter(({ items }) => items.length > 0)
  const note = pictureNote ? `<p class="soft small">${html(pictureNote)}</p>` : ''
  const flips = groups.map((group) => pictureGroup(group, ' J and K go from picture to picture.')).join('\n')
  const digests = digestTable(input.digests)
  return pageShell({
    title: input.title,
    lead: leadOf(comparisons[0]),
    about: 'A measurement, no verdict: gates judge by its evidence.',
    nav: '<nav aria-label="parts of this page"><a href="#model"><span>Model</span></a><a href="#flips"><span>Fixed and broken</span></a><a href="#recompute"><span>Recompute</span></a></nav>',
    main: [
      `<div id="model">${modelSection(input)}</div>`,
      `<div id="flips">${flipList(comparisons[0])}${flips}${note}</div>`,
      `<div id="recompute">${section('Recompute it', `<pre>${html(input.recompute.join('\n'))}</pre>${digests}`)}</div>`,
    ].join('\n'),
    script: pictureKeys,
  })
}

type Comparison = ComparePageInput['comparisons'][number] | undefined

function leadOf(comparison: Comparison): string {
  if (!comparison) return 'Nothing was compared.'
  const { baseline, candidate, difference } = comparison.overall
  const { value, low, high, level } = difference
  const interval =
    low === undefined || high === undefined
      ? ', without an interval'
      : ` [${signed(low)}, ${signed(high)}]${level ? `, ${percent(level)}` : ''}`
  const metric = comparison.metric === 'map50' ? 'mAP50' : 'mAP50-95'
  return `${metric} ${ap(baseline)} → ${ap(candidate)}: ${signed(value)}${interval}.`
}

const mostNames = 20

/** Names of images that flipped, worst first; folded, since the pictures say more. */
function flipList(comparison: Comparison): string {
  if (!comparison) return ''
  const { fixed, broken } = comparison.flips
  const list = (word: string, names: readonly string[]) => {
    if (names.length === 0) return ''
    const shown = names.slice(0, mostNames).map((name) => `<code>${html(name)}</code>`)
    const rest = names.length - shown.length
    return `<details><summary>${plural(names.length, 'image')} ${word}</summary><p class="small">${shown.join(' ')}${rest > 0 ? ` and ${rest} more` : ''}</p></details>`
  }
  const body = `<p>${plural(fixed.length, 'image')} fixed, ${broken.length} broken: wholly right with one model and not with the other, at confidence .25.</p>${list('fixed', fixed)}${list('broken', broken)}`
  return section('Fixed and broken', body)
}
