/**
 * The script of a check's page, a few kilobytes without a library: filters over rows and pictures, and triage by keys.
 * It only shows, hides and counts what the page holds already; decisions stay in the browser until they are saved.
 */
export const checkScript = `(() => {
const all = (selector, within) => [...(within || document).querySelectorAll(selector)]
const main = document.querySelector('main'), bar = document.querySelector('.bar'), filters = document.querySelector('.filters')
const rows = all('li.finding'), figures = all('figure'), groups = all('.group')
const store = 'sluice-triage-' + main.dataset.of
let decisions = new Map(), notes = new Map(), done = [], current = null

const fits = (element, wanted) => wanted.every(([name, value]) =>
  element.dataset[name] === undefined || element.dataset[name].split('\\n').includes(value))
function filter() {
  const wanted = all('select', filters).filter(s => s.value).map(s => [s.dataset.filter, s.value])
  for (const element of [...rows, ...figures]) element.hidden = !fits(element, wanted)
  for (const group of groups) {
    group.hidden = !all('li.finding', group).some(row => !row.hidden)
    for (const fold of all('details', group)) {
      fold.hidden = !all('li.finding', fold).some(row => !row.hidden)
      if (wanted.length) fold.open = true
    }
  }
  const seen = rows.filter(row => !row.hidden).length
  filters.querySelector('output').textContent = wanted.length ? seen + ' of ' + rows.length + ' shown' : ''
}

function show(row) {
  const decision = decisions.get(row.dataset.fingerprint)
  row.dataset.decision = decision || ''
  for (const button of all('button', row)) button.setAttribute('aria-pressed', String(button.dataset.decision === decision))
}
function keep() {
  const kept = [...decisions].map(([key, value]) => [key, value, notes.get(key) || ''])
  try { localStorage.setItem(store, JSON.stringify(kept)) } catch {}
}
function tell() {
  const count = word => [...decisions.values()].filter(value => value === word).length
  bar.querySelector('output').textContent =
    decisions.size + ' of ' + rows.length + ' decided: ' + count('accept') + ' accepted, ' + count('reject') + ' rejected'
  bar.querySelector('button').disabled = decisions.size === 0
  keep()
}
function decide(row, decision, remember = true) {
  const key = row.dataset.fingerprint
  if (remember) done.push([row, decisions.get(key)])
  if (decision) decisions.set(key, decision)
  else decisions.delete(key)
  show(row)
  tell()
}
function go(row) {
  if (!row) return
  if (current) current.removeAttribute('aria-current')
  current = row
  row.setAttribute('aria-current', 'true')
  for (let fold = row.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true
  row.focus({ preventScroll: true })
  row.scrollIntoView({ block: 'center', behavior: 'instant' })
}
function step(by) {
  const open = rows.filter(row => !row.hidden)
  const at = open.indexOf(current)
  go(open[at < 0 ? (by > 0 ? 0 : open.length - 1) : Math.max(0, Math.min(open.length - 1, at + by))])
}
function undo() {
  const last = done.pop()
  if (!last) return
  decide(last[0], last[1], false)
  go(last[0])
}
function save() {
  const by = bar.querySelector('input').value.trim()
  const listed = rows.filter(row => decisions.has(row.dataset.fingerprint)).map(row => {
    const key = row.dataset.fingerprint, decision = decisions.get(key)
    const note = decision === 'reject' && (notes.get(key) || '').trim()
    return { fingerprint: key, rule: row.dataset.rule, decision, ...(note && { note }) }
  })
  // Swedish dates are written as RFC 3339 has them.
  const body = { of: main.dataset.of, decisions: listed, ...(by && { by }), on: new Intl.DateTimeFormat('sv-SE').format() }
  const document_ = { kind: 'Triage', version: 1, subject: JSON.parse(main.dataset.subject), body }
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([JSON.stringify(document_, null, 2) + '\\n'], { type: 'application/json' }))
  link.download = 'triage.json'
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

try {
  const here = new Set(rows.map(row => row.dataset.fingerprint))
  for (const [key, value, note] of JSON.parse(localStorage.getItem(store) || '[]')) {
    if (!here.has(key) || (value !== 'accept' && value !== 'reject')) continue
    decisions.set(key, value)
    notes.set(key, String(note))
  }
} catch { decisions = new Map() }
for (const row of rows) {
  row.tabIndex = -1
  const place = document.createElement('p')
  place.className = 'act'
  for (const decision of ['accept', 'reject']) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = decision
    button.dataset.decision = decision
    button.addEventListener('click', () => {
      decide(row, decisions.get(row.dataset.fingerprint) === decision ? undefined : decision)
      go(row)
    })
    place.append(button)
  }
  const note = document.createElement('input')
  note.className = 'note'
  note.placeholder = 'why, for whom has to mend it'
  note.setAttribute('aria-label', 'why it is rejected')
  note.value = notes.get(row.dataset.fingerprint) || ''
  note.addEventListener('input', () => { notes.set(row.dataset.fingerprint, note.value); keep() })
  row.append(place, note)
  show(row)
}
if (filters) {
  filters.hidden = false
  filters.addEventListener('change', filter)
}
if (rows.length) {
  bar.hidden = false
  document.body.classList.add('barred')
  bar.querySelector('button').addEventListener('click', save)
  tell()
}
addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return
  const key = event.key.toLowerCase()
  if (key === 'j') step(1)
  else if (key === 'k') step(-1)
  else if (key === 'u') undo()
  else if ((key === 'a' || key === 'r') && current) decide(current, key === 'a' ? 'accept' : 'reject')
  else return
  event.preventDefault()
})
})()`
