// Pictures of reports as a reader sees them: node scripts/preview-reports.ts [STORY_FOLDER | PAGE.html ...]
// A page is one that \`sluice check --html\` wrote. Without arguments the tests' invented report is drawn, which has
// every part. Everything lands in tmp/preview.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { execa } from 'execa'
import { renderReport } from '../src/core/render/report/page.ts'
import type { ReportInput } from '../src/core/render/report-input.ts'

const root = resolve(import.meta.dirname, '..')
const out = join(root, 'tmp/preview')
const views = [
  { name: 'desktop', width: 1280, height: 9000 },
  { name: 'dark', width: 1280, height: 9000, dark: true },
  // A headless window is at least 500 pixels wide, so that the phone is a frame within one.
  { name: 'phone', width: 500, height: 9000, frame: 360 },
]

async function shoot(page: string, picture: string, view: (typeof views)[number]): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'sluice-preview-'))
  try {
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--hide-scrollbars']
    const theme = view.dark ? ['--blink-settings=preferredColorScheme=0'] : []
    const size = [`--user-data-dir=${profile}`, `--window-size=${view.width},${view.height}`]
    const shown = view.frame ? framed(page, view.frame, view.height, profile) : page
    await execa('chromium', [...flags, ...theme, ...size, `--screenshot=${picture}`, `file://${shown}`])
  } finally {
    rmSync(profile, { recursive: true, force: true })
  }
}

function framed(page: string, width: number, height: number, folder: string): string {
  const file = join(folder, 'frame.html')
  const style = `border:0;width:${width}px;height:${height}px`
  writeFileSync(file, `<body style="margin:0"><iframe src="file://${page}" style="${style}"></iframe>`)
  return file
}

function pageOf(given: string): { name: string; text: string } {
  if (given.endsWith('.html')) return { name: basename(given, '.html'), text: readFileSync(given, 'utf8') }
  const input = given === invented ? given : join(resolve(given), 'report-input.json')
  const name = given === invented ? 'invented' : basename(resolve(given))
  return { name, text: renderReport(JSON.parse(readFileSync(input, 'utf8')) as ReportInput) }
}

const invented = join(root, 'test/core/render/report/report-input.json')
const given = process.argv.slice(2)
mkdirSync(out, { recursive: true })
for (const { name, text } of (given.length > 0 ? given : [invented]).map(pageOf)) {
  const page = join(out, `${name}.html`)
  writeFileSync(page, text)
  console.log(`${page}  ${Math.round(text.length / 1024)} KiB`)
  for (const view of views) {
    const picture = join(out, `${name}-${view.name}.png`)
    await shoot(page, picture, view)
    console.log(picture)
  }
}
