import { join } from 'node:path'
import { tell } from '../adapters/action-log.ts'
import { isPrivate } from '../adapters/actions.ts'
import { writeWhole } from '../adapters/files.ts'
import { createImages } from '../adapters/images.ts'
import type { Dataset } from '../core/dataset/model.ts'
import type { ArmsJudged } from '../journeys/judge-arms.ts'
import { withheldBecause } from '../journeys/look-at-proposal.ts'
import { modelPage } from '../journeys/model-page.ts'
import { sideOfFolder } from './hard-outputs.ts'

/** Writes the page of a judged candidate; where it lies, or empty: a page that cannot be drawn takes no verdict away. */
export async function writeModelPage(
  folder: string,
  judged: ArmsJudged,
  { path, headSha, dataset, show }: { path: string; headSha: string; dataset: Dataset; show: string },
): Promise<string> {
  const withheld = withheldBecause(show, isPrivate())
  const html = join(folder, 'sluice-page.html')
  const title = `${path} at ${headSha.slice(0, 12)}`
  try {
    const page = await modelPage(createImages(), judged, { title, side: sideOfFolder(dataset), withheld })
    if (page === null) return ''
    writeWhole(html, page)
    return html
  } catch (error) {
    tell(`There is no page of the comparison: ${(error as Error).message}`)
    return ''
  }
}
