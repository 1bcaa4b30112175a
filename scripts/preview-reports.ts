// Pictures of the report as a reader sees it: node scripts/preview-reports.ts [STORY_FOLDER ...]
// Without a folder the tests' invented report is drawn, which has every part. Everything lands in tmp/preview.
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

const folders = process.argv.slice(2)
const inputs =
  folders.length > 0
    ? folders.map((folder) => ({ name: basename(resolve(folder)), file: join(resolve(folder), 'report-input.json') }))
    : [{ name: 'invented', file: join(root, 'test/core/render/report/report-input.json') }]
mkdirSync(out, { recursive: true })
for (const { name, file } of inputs) {
  const page = join(out, `${name}.html`)
  const text = renderReport(JSON.parse(readFileSync(file, 'utf8')) as ReportInput)
  writeFileSync(page, text)
  console.log(`${page}  ${Math.round(text.length / 1024)} KiB`)
  for (const view of views) {
    const picture = join(out, `${name}-${view.name}.png`)
    await shoot(page, picture, view)
    console.log(picture)
  }
}
