import { type Box, fromYolo } from '../../geometry/boxes.ts'
import type { PictureBox, PullRequestReport, ReportPicture, Shot } from '../report-input.ts'
import { html, key } from './html.ts'
import { placeLabels } from './picture-labels.ts'
import { type KindName, kindNames, kindOf, type Line, linesOf } from './picture-lines.ts'

type Group = PullRequestReport['pictures'][number]

/** Where on the page a group belongs: with the data, the labels in doubt, or the model's mistakes. */
export type Place = 'data' | 'doubt' | 'model'

function placeOf(group: Group): Place {
  const roles = new Set(group.items.flatMap((item) => [...item.boxes, ...(item.before ?? [])].map((box) => box.role)))
  if (roles.has('suspect')) return 'doubt'
  return roles.has('truth') || roles.has('prediction') ? 'model' : 'data'
}

/** The groups of one place, each with how it was chosen and a key of the lines it uses. */
export function pictureGroups(groups: PullRequestReport['pictures'], place: Place): string {
  return groups
    .filter((group) => group.items.length > 0 && placeOf(group) === place)
    .map((group) => pictureGroup(group, ' J and K go from picture to picture.'))
    .join('\n')
}

/** One group of pictures; `keys` says what keys do here. */
export function pictureGroup({ title, chosen, items }: Group, keys = ''): string {
  const hint = keys === '' ? '' : `<span class="keys">${keys}</span>`
  return `<section><h3>${html(title)}</h3><p class="soft small">${html(chosen)}${hint}</p>${pictureGrid(items)}</section>`
}

/** Pictures beside each other, under a key of the lines that they use. */
export function pictureGrid(items: ReportPicture[]): string {
  const drawn = items.flatMap(({ boxes, before = [], beside }) =>
    [boxes, before, beside?.boxes ?? []].flatMap((list) => linesOf(list)),
  )
  const used = kindNames.filter((name) => drawn.some(({ kind }) => kind === name))
  const pairs = items.some((item) => item.before || item.beside) ? ' pairs' : ''
  return `${used.length > 0 ? key(used.map(kindOf), 'box') : ''}<div class="grid${pairs}">${items.map(figure).join('\n')}</div>`
}

function figure(picture: ReportPicture): string {
  const { before, beside, boxes, words = ['before', 'after'] } = picture
  const first = beside ? frame(picture, beside, beside.boxes, words[0]) : ''
  const pair = before && !beside ? frame(picture, picture, before, words[0]) : first
  const frames = `${pair}${frame(picture, picture, boxes, pair === '' ? undefined : words[1])}`
  return `<figure tabindex="0"${facets(picture)}><div class="frames">${frames}</div><figcaption><b>${html(picture.title)}</b><br>${html(picture.caption)}</figcaption></figure>`
}

/** What filters go by: rule, severity and split, and every class that is drawn, a line each. */
function facets({ facets: own, boxes, before = [] }: ReportPicture): string {
  if (!own) return ''
  const classes = [...new Set([...boxes, ...before].map(({ label }) => label))].join('\n')
  return Object.entries({ ...own, class: classes })
    .map(([name, value]) => ` data-${name}="${html(value)}"`)
    .join('')
}

function frame(picture: ReportPicture, shot: Shot, boxes: PictureBox[], word?: string): string {
  const { width, height } = shot
  const size = Math.max(8, Math.round(width / (word === undefined ? 20 : 16)))
  const rank = ({ kind }: Line) => kindNames.indexOf(kind)
  const lines = linesOf(boxes)
    .sort((a, b) => rank(a) - rank(b))
    .map((line) => ({ ...line, area: areaOf(line.box, width, height) }))
  const labels = placeLabels(
    lines.map(({ kind, text, area }) => ({ area, text: kindOf(kind).quiet ? '' : text })),
    shot,
    size,
  )
  const rects = lines.map(({ area, kind }) => rectangle(area, kind)).reverse()
  const texts = labels.map(
    ({ x, baseline, text }) => `<text x="${x.toFixed(1)}" y="${baseline.toFixed(1)}">${html(text)}</text>`,
  )
  // The picture's source is embedded or absent: a page of evidence fetches nothing.
  const source = /^data:image\/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/=]*$/.test(shot.source) ? shot.source : 'data:,'
  const alt = html([picture.title, word, describe(lines)].filter(Boolean).join(', '))
  return `<div class="frame"><img loading="lazy" src="${source}" width="${width}" height="${height}" alt="${alt}"><svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true" style="font-size:${size}px">${rects.join('')}${texts.join('')}</svg>${word ? `<span>${html(word)}</span>` : ''}</div>`
}

/** "2 × added: person, helmet; 1 × removed: vest", for those who don't see the picture. */
function describe(lines: Line[]): string {
  if (lines.length === 0) return 'no boxes'
  return kindNames
    .map((name) => ({ name, labels: lines.filter(({ kind }) => kind === name).map(({ text }) => text) }))
    .filter(({ labels }) => labels.length > 0)
    .map(({ name, labels }) => `${labels.length} × ${kindOf(name).word}: ${labels.join(', ')}`)
    .join('; ')
}

/** A box of negative size is a finding too, and is drawn where it would lie. */
function areaOf([cx = 0, cy = 0, w = 0, h = 0]: number[], width: number, height: number): Box {
  return fromYolo(cx, cy, Math.abs(w), Math.abs(h), width, height)
}

function rectangle({ x1, y1, x2, y2 }: Box, kind: KindName): string {
  const { color, dashed, quiet } = kindOf(kind)
  const place = `x="${x1.toFixed(1)}" y="${y1.toFixed(1)}" width="${Math.max(1, x2 - x1).toFixed(1)}" height="${Math.max(1, y2 - y1).toFixed(1)}"`
  const line = `<rect ${place} stroke="${color}"${dashed ? ' stroke-dasharray="6 4"' : ''}${quiet ? ' class="quiet"' : ''}/>`
  return quiet ? line : `<rect class="casing" ${place}/>${line}`
}
