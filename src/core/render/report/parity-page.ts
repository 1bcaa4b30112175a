import type { ParityBody } from '../../documents/operational.ts'
import type { PullRequestReport } from '../report-input.ts'
import { ap, digestTable, html, interval, plural, section, table } from './html.ts'
import { pictureKeys } from './page-script.ts'
import { pictureGroup } from './pictures.ts'
import { pageShell } from './shell.ts'

export type ParityPageInput = {
  /** What both were run over, one sentence. */
  about: string
  body: ParityBody
  /** Boxes that flipped by kind, and the images they are on. */
  counts: { vanished: number; appeared: number; relabelled: number; images: number }
  pictures: PullRequestReport['pictures'][number]
  pictureNote?: string
  digests: { label: string; value: string }[]
  recompute: string[]
}

/** An artefact against its reference on one page: how far outputs, boxes and the metric part, and each flipped box seen. */
export function renderParityPage(input: ParityPageInput): string {
  const { body, counts, pictures } = input
  const { reference, artifact } = body
  const measured = body.state === 'measured'
  const flips = counts.vanished + counts.appeared + counts.relabelled
  const note = input.pictureNote ? `<p class="soft small">${html(input.pictureNote)}</p>` : ''
  const seen = pictures.items.length > 0 ? pictureGroup(pictures, ' J and K go from picture to picture.') : ''
  const lead = measured
    ? `${plural(flips, 'box', 'boxes')} flipped on ${plural(counts.images, 'image')} of ${body.images}.`
    : `exported, not measured: ${body.unmeasured?.why ?? 'it was not run'}.`
  return pageShell({
    title: `${artifact.format} against ${reference.format}`,
    lead,
    about: input.about,
    nav: '<nav aria-label="parts of this page"><a href="#numbers"><span>Numbers</span></a><a href="#boxes"><span>Boxes</span></a><a href="#recompute"><span>Recompute</span></a></nav>',
    main: [
      `<div id="numbers">${measured ? numbers(input) : unmeasured(body)}</div>`,
      `<div id="boxes">${measured && flips === 0 ? '<p>Both find the same boxes: there is nothing to look at.</p>' : seen}${note}</div>`,
      `<div id="recompute">${recompute(input)}</div>`,
    ].join('\n'),
    script: pictureKeys,
  })
}

function unmeasured({ unmeasured: said }: ParityBody): string {
  const settle = said ? `<p>${html(said.why)}. To settle it: ${html(said.settle)}.</p>` : ''
  return section('Not measured', settle, 'An artefact that was not run passes no gate that asks for it.')
}

function numbers({ body, counts }: ParityPageInput): string {
  const { boxes, map, tensors } = body
  const rows = [
    ['boxes matched', `${boxes.matched} of ${boxes.reference}`],
    [`found by ${html(body.reference.format)} alone`, counts.vanished],
    [`found by ${html(body.artifact.format)} alone`, counts.appeared],
    ['found by both, under different classes', counts.relabelled],
    ['largest shift of a corner', `${boxes.maxCornerPx.toFixed(3)} px`],
    ['largest shift of a score', boxes.maxScore.toFixed(4)],
    ['mAP50-95', `${ap(map.reference)} and ${ap(map.artifact)}, ${interval(map.difference, 4)}`],
    ...(tensors
      ? [
          [
            'outputs, box coordinates',
            `${tensors.maxPx.toFixed(4)} px at most, ${tensors.meanPx.toFixed(4)} px on average`,
          ],
          ['outputs, scores', `${tensors.maxScore.toFixed(5)} at most, ${tensors.meanScore.toFixed(5)} on average`],
        ]
      : []),
  ]
  const outputs = tensors
    ? ` Outputs are those of ${plural(tensors.images, 'image')}, before anything is left out.`
    : ''
  return section(
    'How far they part',
    table(
      [
        { head: 'measure', plain: true },
        { head: 'value', plain: true },
      ],
      rows,
      { stack: true },
    ),
    `${body.notes.join(' ')}${outputs}`,
  )
}

function recompute({ recompute: commands, digests }: ParityPageInput): string {
  const list = digestTable(digests)
  return section('Recompute it', `<pre>${html(commands.join('\n'))}</pre>${list}`)
}
