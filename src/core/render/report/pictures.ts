import type { PictureBox, PullRequestReport, ReportPicture } from '../report-input.ts'
import { html, key } from './html.ts'
import { type Area, placeLabels } from './picture-labels.ts'

type Role = PictureBox['role']
type Group = PullRequestReport['pictures'][number]

// Pictures don't follow light and dark, so these hold on both: bright, on a dark casing, apart for colour-blind readers.
const roles: Record<Role, { color: string; word: string; dashed?: boolean; rank: number }> = {
  finding: { color: '#ff8a3d', word: 'the finding', rank: 0 },
  suspect: { color: '#ffc53d', word: 'label in doubt', rank: 0 },
  relabelled: { color: '#f08fd2', word: 'relabelled', rank: 1 },
  moved: { color: '#5cb8ff', word: 'moved or resized', rank: 1 },
  added: { color: '#2fe0a8', word: 'added', rank: 2 },
  removed: { color: '#ff8a3d', word: 'removed', dashed: true, rank: 2 },
  prediction: { color: '#5cb8ff', word: 'what the model says', dashed: true, rank: 3 },
  truth: { color: '#2fe0a8', word: 'label', rank: 4 },
  unchanged: { color: '#d5d8de', word: 'unchanged', rank: 5 },
}

/** Where on the page a group belongs: with the data, the labels in doubt, or the model's mistakes. */
export type Place = 'data' | 'doubt' | 'model'

function placeOf(group: Group): Place {
  const shown = rolesOf(group)
  if (shown.includes('suspect')) return 'doubt'
  return shown.includes('truth') || shown.includes('prediction') ? 'model' : 'data'
}

function rolesOf(group: Group): Role[] {
  const present = new Set(group.items.flatMap((item) => [...item.boxes, ...(item.before ?? [])].map((box) => box.role)))
  return (Object.keys(roles) as Role[]).filter((role) => present.has(role))
}

/** The groups of one place, each with how it was chosen and a key of the lines it uses. */
export function pictureGroups(groups: PullRequestReport['pictures'], place: Place): string {
  return groups
    .filter((group) => group.items.length > 0 && placeOf(group) === place)
    .map((group) => {
      const lines = key(
        rolesOf(group).map((role) => roles[role]),
        'box',
      )
      const figures = group.items.map(figure).join('\n')
      const wide = group.items.some((item) => item.before) ? ' pairs' : ''
      return `<section><h3>${html(group.title)}</h3><p class="soft small">${html(group.chosen)}<span class="keys"> J and K go from picture to picture.</span></p>${lines}<div class="grid${wide}">${figures}</div></section>`
    })
    .join('\n')
}

function figure(picture: ReportPicture): string {
  const frames = picture.before
    ? `${frame(picture, picture.before, 'before')}${frame(picture, picture.boxes, 'after')}`
    : frame(picture, picture.boxes)
  return `<figure tabindex="0"><div class="frames">${frames}</div><figcaption><b>${html(picture.title)}</b><br>${html(picture.caption)}</figcaption></figure>`
}

function frame(picture: ReportPicture, boxes: PictureBox[], word?: string): string {
  const { width, height } = picture
  const size = Math.max(8, Math.round(width / (picture.before ? 12 : 20)))
  const areas = boxes.map(({ box }) => areaOf(box, width, height))
  const labels = placeLabels(
    boxes.map(({ label, role }, i) => ({ area: areas[i] as Area, text: label, rank: roles[role].rank })),
    picture,
    size,
  )
  const rects = boxes.map(({ role }, i) => rectangle(areas[i] as Area, role)).join('')
  const texts = labels
    .map((label) =>
      label ? `<text x="${label.x.toFixed(1)}" y="${label.baseline.toFixed(1)}">${html(label.text)}</text>` : '',
    )
    .join('')
  // The picture's source is embedded or absent: a page of evidence fetches nothing.
  const source = /^data:image\/[a-z.+-]+;base64,[A-Za-z0-9+/=]*$/.test(picture.source) ? picture.source : 'data:,'
  const alt = html([picture.title, word, describe(boxes)].filter(Boolean).join(', '))
  return `<div class="frame"><img loading="lazy" src="${source}" width="${width}" height="${height}" alt="${alt}"><svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true" style="font-size:${size}px">${rects}${texts}</svg>${word ? `<span>${word}</span>` : ''}</div>`
}

/** "2 added: person, helmet; 1 removed: vest", for those who don't see the picture. */
function describe(boxes: PictureBox[]): string {
  if (boxes.length === 0) return 'no boxes'
  const present = (Object.keys(roles) as Role[]).filter((role) => boxes.some((box) => box.role === role))
  return present
    .map((role) => {
      const labels = boxes.filter((box) => box.role === role).map((box) => box.label)
      return `${labels.length} × ${roles[role].word}: ${labels.join(', ')}`
    })
    .join('; ')
}

function areaOf([cx = 0, cy = 0, w = 0, h = 0]: number[], width: number, height: number): Area {
  const [halfWidth, halfHeight] = [Math.abs(w) / 2, Math.abs(h) / 2]
  return {
    left: (cx - halfWidth) * width,
    right: (cx + halfWidth) * width,
    top: (cy - halfHeight) * height,
    bottom: (cy + halfHeight) * height,
  }
}

function rectangle({ left, top, right, bottom }: Area, role: Role): string {
  const { color, dashed } = roles[role]
  const place = `x="${left.toFixed(1)}" y="${top.toFixed(1)}" width="${Math.max(1, right - left).toFixed(1)}" height="${Math.max(1, bottom - top).toFixed(1)}"`
  return `<rect class="casing" ${place}/><rect ${place} stroke="${color}"${dashed ? ' stroke-dasharray="6 4"' : ''}/>`
}
