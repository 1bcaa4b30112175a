import type { HardNegativesBody, MistakeCause } from '../../documents/hard-negatives.ts'
import type { PullRequestReport } from '../report-input.ts'
import { ap, digestTable, html, percent, plural, section, table } from './html.ts'
import { pictureKeys } from './page-script.ts'
import { pictureGroup } from './pictures.ts'
import { pageShell } from './shell.ts'

export type HardPageInput = {
  /** The model's name. */
  title: string
  /** What it was run over, one sentence. */
  about: string
  body: HardNegativesBody
  /** Of the document, and of what it is about. */
  digests: { label: string; value: string }[]
  pictures: (PullRequestReport['pictures'][number] & { cause: MistakeCause })[]
  pictureNote?: string
  recompute: string[]
}

/** What each cause is called, and what to do about it. */
const words: Record<MistakeCause, { title: string; what: string; todo: string }> = {
  'label-error': {
    title: 'Labels in doubt',
    what: 'as sure as right detections of the class are, where no label is or another class is labelled',
    todo: 'look at the label first: it is cheaper to mend than the model',
  },
  duplicate: {
    title: 'Found twice',
    what: 'a second box on an object that was found',
    todo: 'try another suppression limit',
  },
  'small-object': {
    title: 'Small objects',
    what: 'under 32 × 32 pixels, or narrower than the network resolves',
    todo: 'a larger input size, or tiles',
  },
  occlusion: { title: 'Hidden objects', what: '30 % or more hidden by another', todo: 'more crowded scenes' },
  'domain-gap': {
    title: 'Strange images',
    what: 'from a camera or source that training hardly knows, or that is found far worse',
    todo: 'label some of these images',
  },
  confusion: { title: 'Classes confused', what: 'right place, wrong class', todo: 'clearer label rules, more of both' },
  localisation: {
    title: 'Badly placed',
    what: 'right class, overlap under .5',
    todo: 'tighter labels; longer training',
  },
  background: { title: 'Nothing there', what: 'on background, and not sure', todo: 'images without objects' },
  unexplained: { title: 'Missed for no visible reason', what: 'none of the above', todo: 'more of this class' },
}

export const causeTitle = (cause: MistakeCause): string => words[cause].title

/** What a model gets wrong on one page: counts by likely cause, what makes a difference, and the worst of each. */
export function renderHardPage(input: HardPageInput): string {
  const { body, pictures } = input
  const { falseAlarms, misses, images, operatingPoint } = body
  const present = body.byCause.filter((row) => row.falseAlarms + row.misses > 0)
  const groups = pictures.filter(({ items }) => items.length > 0)
  const links = groups.map(({ cause }) => `<a href="#${cause}"><span>${html(words[cause].title)}</span></a>`)
  const none = '<p>No false alarm and no miss: there is nothing to look at.</p>'
  const note = input.pictureNote ? `<p class="soft small">${html(input.pictureNote)}</p>` : ''
  const notes = body.notes.map((text) => `<li>${html(text)}</li>`).join('')
  return pageShell({
    title: input.title,
    lead: `${plural(falseAlarms, 'false alarm')} and ${plural(misses, 'miss', 'misses')} in ${plural(images, 'image')}.`,
    about: input.about,
    nav: `<nav aria-label="parts of this page"><a href="#causes"><span>Causes</span></a>${links.join('')}<a href="#recompute"><span>Recompute</span></a></nav>`,
    main: [
      `<div id="causes">${present.length > 0 ? causes(body) : none}${signs(body)}${notes ? `<ul class="notes">${notes}</ul>` : ''}${note}</div>`,
      ...groups.map(
        (group) => `<div id="${group.cause}">${pictureGroup(group, ' J and K go from picture to picture.')}</div>`,
      ),
      `<div id="recompute">${recompute(input)}</div>`,
    ].join('\n'),
    script: pictureKeys,
  })

  function causes({ byCause }: HardNegativesBody): string {
    const rows = byCause
      .filter((row) => row.falseAlarms + row.misses > 0)
      .map((row) => [
        `<b>${html(words[row.cause].title)}</b><br><span class="soft">${html(words[row.cause].what)}</span>`,
        row.falseAlarms,
        row.misses,
        `<span class="soft">${html(words[row.cause].todo)}</span>`,
      ])
    const columns = [
      { head: 'likely cause', plain: true },
      { head: 'false alarms', numeric: true },
      { head: 'misses', numeric: true },
      { head: 'what helps' },
    ]
    return section(
      'By likely cause',
      table(columns, rows, { stack: true }),
      `At confidence ${operatingPoint.confidence} and IoU ${operatingPoint.iou}, as served. A mistake has the first cause that holds, in this order; a cause is a hint, not a proof.`,
    )
  }
}

/** How often what carries a sign is not found, against all the rest: why a sign may be called a cause. */
function signs({ signs: rows }: HardNegativesBody): string {
  if (rows.length === 0) return ''
  const share = (part: number, of: number) => (of === 0 ? '–' : percent(part / of))
  const cells = rows.map(({ cause, value, objects, notFound, others, othersNotFound }) => [
    `${html(words[cause].title)}${value ? `: ${html(value)}` : ''}`,
    objects,
    `<b>${share(notFound, objects)}</b>`,
    others,
    share(othersNotFound, others),
  ])
  const numeric = ['objects', 'not found', 'all others', 'not found'].map((head) => ({ head, numeric: true }))
  return section(
    'What makes a difference',
    table([{ head: 'sign' }, ...numeric], cells),
    'A sign is called a cause only where objects with it are missed more often than the others.',
  )
}

function recompute({ recompute: commands, digests }: HardPageInput): string {
  const list = digestTable(digests)
  return section('Recompute it', `<pre>${html(commands.join('\n'))}</pre>${list}`)
}

/** "person .93, labelled vest": a mistake in a picture's caption. */
export function mistakeWords({ predicted, truth, why }: HardNegativesBody['items'][number]): string {
  const said = predicted ? `${predicted.className} ${ap(predicted.score)}` : 'nothing found'
  return `${said}${truth ? `, labelled ${truth.className}` : ''}: ${why}`
}
