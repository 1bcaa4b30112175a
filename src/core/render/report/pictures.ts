import type { PictureBox, PullRequestReport, ReportPicture } from '../report-input.ts'
import { html } from './html.ts'

const colors: Record<PictureBox['role'], string> = {
  added: 'var(--added)',
  removed: 'var(--removed)',
  moved: 'var(--moved)',
  relabelled: 'var(--relabelled)',
  unchanged: '#ffffff99',
  finding: 'var(--removed)',
  suspect: 'var(--suspect)',
  prediction: 'var(--moved)',
  truth: 'var(--added)',
}
const words: Record<PictureBox['role'], string> = {
  added: 'added',
  removed: 'removed',
  moved: 'moved or resized',
  relabelled: 'relabelled',
  unchanged: 'unchanged',
  finding: 'the finding',
  suspect: 'label in doubt',
  prediction: "champion's view",
  truth: 'label',
}

/** Groups of pictures, each with how it was chosen and a key of the colours it uses. */
export function pictureGroups(groups: PullRequestReport['pictures']): string {
  return groups
    .filter((group) => group.items.length > 0)
    .map((group) => {
      const roles = [
        ...new Set(group.items.flatMap((item) => [...item.boxes, ...(item.before ?? [])].map((box) => box.role))),
      ]
      const key = roles.map((role) => `<span><i style="background:${colors[role]}"></i>${words[role]}</span>`).join('')
      return `<section><h3>${html(group.title)}</h3><p class="soft small">${html(group.chosen)} Keys: J and K go from picture to picture.</p><div class="key">${key}</div><div class="grid">${group.items.map(figure).join('\n')}</div></section>`
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
  const shapes = boxes.map((item) => shape(item, width, height)).join('')
  return `<div class="frame"><img loading="lazy" src="${html(picture.source)}" width="${width}" height="${height}" alt="${html(picture.title)}${word ? `, ${word}` : ''}"><svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">${shapes}</svg>${word ? `<span>${word}</span>` : ''}</div>`
}

function shape({ box, role, label }: PictureBox, width: number, height: number): string {
  const [cx = 0, cy = 0, w = 0, h = 0] = box
  const [left, right] = [Math.min(cx - w / 2, cx + w / 2) * width, Math.max(cx - w / 2, cx + w / 2) * width]
  const [top, bottom] = [Math.min(cy - h / 2, cy + h / 2) * height, Math.max(cy - h / 2, cy + h / 2) * height]
  const dash = role === 'prediction' || role === 'removed' ? ' stroke-dasharray="6 4"' : ''
  const size = Math.max(8, Math.round(width / 20))
  const rect = `<rect x="${left.toFixed(1)}" y="${top.toFixed(1)}" width="${Math.max(1, right - left).toFixed(1)}" height="${Math.max(1, bottom - top).toFixed(1)}" style="stroke:${colors[role]}"${dash}/>`
  const y = Math.max(size, Math.min(height - 2, top - 2))
  return `${rect}<text x="${Math.max(1, left).toFixed(1)}" y="${y.toFixed(1)}" style="font-size:${size}px">${html(label)}</text>`
}
