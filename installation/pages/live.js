// Keeps /operations living: every two seconds the same state as JSON, put where the page says it belongs.
const EVERY_MS = 2000

const found = (state, path) => path.split('.').reduce((value, key) => value?.[key], state)

function shown(element, value) {
  if (element.dataset.as === 'yes') {
    element.firstElementChild.className = value ? 'yes' : 'no'
    element.firstElementChild.textContent = value ? 'oui' : 'non'
  } else {
    element.textContent = value ?? (element.dataset.at.endsWith('stopped_at') ? '' : '–')
  }
}

function item(alarm) {
  const line = document.createElement('li'), english = document.createElement('span')
  line.className = alarm.level
  line.append(alarm.fr + ' ', english)
  english.className = 'en'
  english.lang = 'en'
  english.textContent = alarm.en
  return line
}

async function look() {
  try {
    const answer = await fetch('/operations', { headers: { Accept: 'application/json' }, cache: 'no-store' })
    if (answer.status === 401 || answer.status === 403) return location.reload()
    if (!answer.ok) throw new Error(answer.status)
    const state = await answer.json()
    const readable = Object.values(state.services).map(s => 'unreadable' in s).join()
    if (readable !== known) return location.reload()     // rows come and go with what can be read
    for (const element of document.querySelectorAll('[data-at]')) shown(element, found(state, element.dataset.at))
    const alarms = state.alarms.length ? state.alarms : [{ level: 'good', fr: 'Rien.', en: 'Nothing.' }]
    const lines = alarms.map(item)
    if (lines.map(l => l.textContent).join() !== [...list.children].map(l => l.textContent.trim()).join()) list.replaceChildren(...lines)
    document.documentElement.classList.remove('old')
  } catch {
    document.documentElement.classList.add('old')        // what stands here is no longer true
  }
  setTimeout(look, EVERY_MS)
}

const list = document.getElementById('alarms')
const known = [...document.querySelector('tbody').rows].map(row => row.querySelector('td[colspan]') !== null).join()
setTimeout(look, EVERY_MS)
