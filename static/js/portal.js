// Small helps for pages that work without them.

// Print buttons are shown only where they can do something.
for (const b of document.querySelectorAll('[data-print]')) {
  b.hidden = false
  b.addEventListener('click', () => window.print())
}

// The address of a page, copied.
for (const b of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) continue
  b.hidden = false
  const label = b.textContent
  b.addEventListener('click', async () => {
    await navigator.clipboard.writeText(b.dataset.copy)
    b.textContent = b.dataset.done
    setTimeout(() => { b.textContent = label }, 2000)
  })
}

// Larger letters of one text, and reading it aloud, as far as the browser can.
for (const b of document.querySelectorAll('[data-type]')) {
  b.hidden = false
  b.addEventListener('click', () => document.documentElement.classList.toggle('gk-bigger'))
}
for (const b of document.querySelectorAll('[data-read]')) {
  if (!window.speechSynthesis) continue
  b.hidden = false
  const label = b.textContent
  b.addEventListener('click', () => {
    if (speechSynthesis.speaking) { speechSynthesis.cancel(); b.textContent = label; return }
    const main = document.querySelector('main .gk-body') ?? document.querySelector('main')
    const said = new SpeechSynthesisUtterance(document.querySelector('h1').innerText + '\n' + main.innerText)
    said.lang = main.lang || document.documentElement.lang
    said.onend = () => { b.textContent = label }
    b.textContent = b.dataset.stop
    speechSynthesis.speak(said)
  })
}

// The nearest places first, if the reader shares where they are. Their place stays here.
for (const b of document.querySelectorAll('[data-near]')) {
  const list = document.getElementById(b.dataset.near), status = document.getElementById('near-status')
  if (!navigator.geolocation || !list) continue
  b.hidden = false
  b.addEventListener('click', () => {
    status.textContent = b.dataset.working
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const rad = Math.PI / 180
      const far = (li) => {
        const [lat, lng] = (li.dataset.place || '').split(',').map(Number)
        if (!lat || !lng) return Infinity
        const x = (lng - coords.longitude) * rad * Math.cos((lat + coords.latitude) / 2 * rad), y = (lat - coords.latitude) * rad
        return 6371 * Math.hypot(x, y)
      }
      const rows = [...list.children].map((li) => [far(li), li]).sort((a, b) => a[0] - b[0])
      for (const [km, li] of rows) if (km < Infinity) li.querySelector('[data-far]').textContent = km.toFixed(1) + ' km'
      list.replaceChildren(...rows.map((r) => r[1]))
      status.textContent = ''
    }, () => { status.textContent = b.dataset.failed })
  })
}

// What is wider than the screen is scrolled by keyboard too.
for (const w of document.querySelectorAll('.gk-wide:not([tabindex])')) {
  if (w.scrollWidth > w.clientWidth) w.tabIndex = 0
}

// Ask before what cannot be undone.
for (const f of document.querySelectorAll('form[data-confirm]')) {
  f.addEventListener('submit', (e) => { if (!window.confirm(f.dataset.confirm)) e.preventDefault() })
}

// Documents already public on the subject, while the applicant types.
const subject = document.querySelector('[data-suggest]')
if (subject) {
  const box = document.getElementById('suggest')
  let timer, last = ''
  const ask = async () => {
    const q = subject.value.trim()
    if (q === last) return
    last = q
    if (q.length < 2) { box.replaceChildren(); return }
    try {
      const r = await fetch(subject.dataset.suggest + '?q=' + encodeURIComponent(q.slice(0, 100)))
      if (r.ok && q === last) box.innerHTML = await r.text() // escaped by the server's template
    } catch { /* without the suggestions the form works as well */ }
  }
  subject.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, 250) })
  ask()
}

// A form that was changed warns before it is left. A draft saves itself a few
// seconds after the last key, all but its files, and goes on from what was saved.
for (const f of document.querySelectorAll('form[data-unsaved]')) {
  let changed = false, timer, saving = null
  const status = document.getElementById('autosave')
  const save = async () => {
    const body = new FormData(f)
    if (!changed || !String(body.get('title') ?? '').trim()) return
    for (const [name, v] of [...body]) if (v instanceof File) body.delete(name)
    body.set('autosave', '1')
    changed = false
    try {
      const r = await fetch(f.action, { method: 'POST', body, headers: { Accept: 'application/json' } })
      if (!r.ok) throw r.status
      const now = await r.json()
      let seen = f.elements.namedItem('revision')
      if (!seen) { seen = document.createElement('input'); seen.type = 'hidden'; seen.name = 'revision'; f.append(seen) }
      seen.value = now.revision
      f.action = now.action
      history.replaceState(null, '', now.action)
      status.textContent = f.dataset.autosave + ' ' + new Date().toLocaleTimeString()
      if ([...f.elements].some((x) => x.type === 'file' && x.value)) changed = true
    } catch { changed = true; status.textContent = f.dataset.autosaveFailed }
  }
  f.addEventListener('input', (e) => {
    changed = true
    if (!f.dataset.autosave || e.target.type === 'file') return
    clearTimeout(timer)
    timer = setTimeout(() => { saving = (saving ?? Promise.resolve()).then(save) }, 4000)
  })
  f.addEventListener('submit', (e) => {
    clearTimeout(timer)
    changed = false
    if (!saving) return
    const wait = saving // what is on its way first, so that the revision is its own
    saving = null
    e.preventDefault()
    wait.finally(() => { changed = false; f.requestSubmit(e.submitter) })
  })
  window.addEventListener('beforeunload', (e) => { if (changed) e.preventDefault() })
}

// Forms are sent once.
for (const f of document.querySelectorAll('form[method="post"]')) {
  f.addEventListener('submit', (e) => {
    if (e.defaultPrevented || e.submitter?.formTarget) return
    setTimeout(() => { for (const b of f.querySelectorAll('button:not([type=button])')) b.disabled = true }, 0)
  })
}
window.addEventListener('pageshow', () => { for (const b of document.querySelectorAll('button:disabled')) b.disabled = false })

// Completions in the search box: a list of suggestions that the arrow keys
// walk through (ARIA combobox).
for (const input of document.querySelectorAll('input[data-complete]')) {
  const list = document.createElement('ul')
  list.id = input.id + '-list'
  list.className = 'gk-complete'
  list.hidden = true
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', input.dataset.label)
  const status = document.createElement('p')
  status.className = 'govuk-visually-hidden'
  status.setAttribute('role', 'status')
  input.after(list, status)
  for (const [k, v] of Object.entries({ role: 'combobox', autocomplete: 'off', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id })) input.setAttribute(k, v)
  let at = -1, timer, last = '', typed = input.value, chosen = null
  const close = () => { list.hidden = true; at = -1; input.setAttribute('aria-expanded', 'false'); input.removeAttribute('aria-activedescendant') }
  const choose = (n) => {
    const options = list.children
    at = (n + options.length + 1) % (options.length + 1) // one past the end is what was typed
    for (let i = 0; i < options.length; i++) options[i].setAttribute('aria-selected', i === at)
    chosen = options[at] ?? null
    if (at === options.length) { at = -1; input.value = typed; input.removeAttribute('aria-activedescendant'); return }
    input.setAttribute('aria-activedescendant', options[at].id)
    input.value = options[at].dataset.text
  }
  const go = (o) => { if (o.dataset.url) location.href = o.dataset.url; else { input.value = o.dataset.text; input.form.requestSubmit() } }
  const show = (found) => {
    if (at >= 0) return // one is being chosen already
    const rows = [...found.words.map((w) => ({ name: w })), ...found.organs, ...found.records]
    list.replaceChildren(...rows.map((r, i) => {
      const o = document.createElement('li')
      o.id = list.id + '-' + i
      o.setAttribute('role', 'option')
      o.dataset.text = r.name
      if (r.url) o.dataset.url = r.url
      o.textContent = r.name
      if (r.kind) { const k = document.createElement('span'); k.textContent = ' ' + r.kind; o.append(k) }
      o.addEventListener('mousedown', (e) => { e.preventDefault(); go(o) })
      return o
    }))
    at = -1
    list.hidden = rows.length === 0
    input.setAttribute('aria-expanded', String(rows.length > 0))
    status.textContent = rows.length ? input.dataset.count.replace('0', rows.length) : ''
  }
  const ask = async () => {
    const q = input.value.trim()
    if (q === last) return
    last = q
    if (!q) { close(); return }
    try {
      const r = await fetch(input.dataset.complete + '?q=' + encodeURIComponent(q.slice(0, 60)))
      if (r.ok && q === last && document.activeElement === input) show(await r.json())
    } catch { /* without completions the search works as well */ }
  }
  input.addEventListener('input', (e) => { typed = input.value; chosen = null; if (!e.isComposing) { clearTimeout(timer); timer = setTimeout(ask, 120) } })
  input.addEventListener('compositionend', () => { typed = input.value; clearTimeout(timer); timer = setTimeout(ask, 50) })
  input.addEventListener('keydown', (e) => {
    if (e.isComposing) return
    if (list.hidden) return
    if (e.key === 'ArrowDown') { e.preventDefault(); choose(at + 1) }
    if (e.key === 'ArrowUp') { e.preventDefault(); choose(at < 0 ? list.children.length - 1 : at - 1) }
    if (e.key === 'Escape') { e.preventDefault(); input.value = typed; close() }
  })
  input.addEventListener('blur', close)
  // A record that was chosen is opened, not searched.
  input.form.addEventListener('submit', (e) => { if (chosen?.dataset.url && chosen.dataset.text === input.value) { e.preventDefault(); go(chosen) } })
}

// Lists of cases by keyboard: j and k walk, Enter opens, / goes to the filter.
const keyed = document.querySelector('table[data-keys]')
if (keyed) {
  const links = [...keyed.querySelectorAll('tbody tr a')]
  document.addEventListener('keydown', (e) => {
    if (e.target.closest('input, textarea, select') || e.ctrlKey || e.metaKey || e.altKey) return
    const at = links.indexOf(document.activeElement)
    if (e.key === 'j') links[Math.min(at + 1, links.length - 1)]?.focus()
    if (e.key === 'k') links[Math.max(at - 1, 0)]?.focus()
    if (e.key === '/') { const f = document.getElementById('filter'); if (f) { e.preventDefault(); f.focus() } }
  })
}

// Boxes on the pages of a document that is redacted: drawn with the pointer, or
// put around words that are found; each can be taken away again.
const redact = document.getElementById('redact')
if (redact) {
  const field = redact.elements.boxes, list = document.getElementById('boxes'), ground = document.getElementById('ground'), status = document.getElementById('redact-status')
  let boxes = field.value ? JSON.parse(field.value) : []
  const show = () => {
    field.value = JSON.stringify(boxes)
    for (const old of redact.querySelectorAll('.gk-box')) old.remove()
    list.replaceChildren(...boxes.map((b, i) => {
      const page = redact.querySelector(`[data-page="${b.page}"]`)
      if (page) {
        const d = document.createElement('div')
        d.className = 'gk-box'
        for (const [k, v] of Object.entries({ left: b.x, top: b.y, width: b.w, height: b.h })) d.style[k] = v * 100 + '%'
        d.textContent = i + 1
        page.querySelector('.gk-canvas').append(d)
      }
      const li = document.createElement('li'), away = document.createElement('button')
      const name = [...ground.options].find((o) => o.value === b.ground)?.text ?? ''
      li.textContent = redact.dataset.label.replace('{page}', b.page) + ' ' + name + ' '
      away.type = 'button'
      away.className = 'gk-linkbutton'
      away.textContent = redact.dataset.remove
      away.addEventListener('click', () => { boxes.splice(i, 1); show(); status.focus?.() })
      li.append(away)
      return li
    }))
  }
  for (const page of redact.querySelectorAll('.gk-page')) {
    const canvas = document.createElement('div'), img = page.querySelector('img')
    canvas.className = 'gk-canvas'
    img.before(canvas)
    canvas.append(img)
    let from = null, box = null
    const at = (e) => { const r = canvas.getBoundingClientRect(); return [Math.min(1, Math.max(0, (e.clientX - r.left) / r.width)), Math.min(1, Math.max(0, (e.clientY - r.top) / r.height))] }
    canvas.addEventListener('pointerdown', (e) => { e.preventDefault(); canvas.setPointerCapture(e.pointerId); from = at(e); box = document.createElement('div'); box.className = 'gk-box'; canvas.append(box) })
    canvas.addEventListener('pointermove', (e) => {
      if (!from) return
      const [x, y] = at(e)
      Object.assign(box.style, { left: Math.min(x, from[0]) * 100 + '%', top: Math.min(y, from[1]) * 100 + '%', width: Math.abs(x - from[0]) * 100 + '%', height: Math.abs(y - from[1]) * 100 + '%' })
    })
    canvas.addEventListener('pointerup', (e) => {
      if (!from) return
      const [x, y] = at(e), b = { page: Number(page.dataset.page), x: Math.min(x, from[0]), y: Math.min(y, from[1]), w: Math.abs(x - from[0]), h: Math.abs(y - from[1]), ground: ground.value }
      from = null
      if (b.w > 0.004 && b.h > 0.004) boxes.push(b)
      show()
    })
    canvas.addEventListener('pointercancel', () => { from = null; show() })
  }
  const find = async () => {
    const q = document.getElementById('find').value.trim()
    if (!q) return
    const r = await fetch(redact.dataset.find + '?q=' + encodeURIComponent(q))
    const found = r.ok ? await r.json() : []
    boxes.push(...found.map((b) => ({ ...b, ground: ground.value })))
    status.textContent = found.length ? redact.dataset.found.replace('{n}', found.length) : redact.dataset.none
    show()
  }
  document.getElementById('find-do').addEventListener('click', find)
  document.getElementById('find').addEventListener('keydown', (e) => { if (e.key === 'Enter') { e.preventDefault(); find() } })
  show()
}

// Many files: each is sent on its own, with its progress, and one that fails does not
// stop the others. A file sent again leads to the draft that is there.
for (const f of document.querySelectorAll('form[data-bulk]')) {
  const input = f.elements.namedItem('files'), list = document.getElementById('bulk-list'), status = document.getElementById('bulk-status')
  for (const kind of ['dragover', 'drop']) f.addEventListener(kind, (e) => { e.preventDefault(); if (kind === 'drop') { input.files = e.dataTransfer.files } })
  const send = (file, row) => new Promise((done) => {
    const body = new FormData(), x = new XMLHttpRequest(), bar = document.createElement('progress')
    body.set('organ', f.elements.namedItem('organ').value)
    body.set('files', file)
    row.append(bar)
    x.open('POST', f.action)
    x.setRequestHeader('Accept', 'application/json')
    x.upload.addEventListener('progress', (e) => { if (e.lengthComputable) { bar.max = e.total; bar.value = e.loaded } })
    x.addEventListener('loadend', () => {
      bar.remove()
      let answer = {}
      try { answer = JSON.parse(x.responseText) } catch { /* said below */ }
      const say = (text, cls) => { const s = document.createElement('span'); s.className = cls; s.textContent = ' ' + text; row.append(s) }
      const lead = (at, text) => { const a = document.createElement('a'); a.className = 'govuk-link'; a.href = at; a.textContent = text; row.append(' ', a) }
      if (!answer.rows?.length) say(answer.problem || f.dataset.failed, 'govuk-error-message')
      for (const r of answer.rows ?? []) {
        if (answer.rows.length > 1) { row.append(document.createElement('br')); say(r.name, 'gk-off') }
        if (r.error) say(r.error, 'govuk-error-message')
        else if (r.same) lead(r.same, f.dataset.same)
        else lead(r.draft, r.title || f.dataset.draft)
        for (const n of r.notes ?? []) { row.append(document.createElement('br')); say(n, 'gk-note') }
      }
      done()
    })
    x.send(body)
  })
  f.addEventListener('submit', async (e) => {
    if (!input.files.length) return
    e.preventDefault()
    const files = [...input.files]
    list.replaceChildren()
    const rows = files.map((file) => {
      const row = document.createElement('li'), name = document.createElement('strong')
      name.textContent = file.name
      row.append(name)
      list.append(row)
      return row
    })
    let n = 0
    for (const [i, file] of files.entries()) {
      if (file.size > f.dataset.size * 1048576) {
        const s = document.createElement('span'); s.className = 'govuk-error-message'; s.textContent = ' ' + f.dataset.tooLarge; rows[i].append(s)
      } else await send(file, rows[i])
      status.textContent = f.dataset.progress + ' ' + (++n) + ' / ' + files.length
    }
    input.value = ''
    for (const b of f.querySelectorAll('button')) b.disabled = false
  })
}

// A screen in a hall turns its pages by itself: each document is shown as long as it
// takes to scroll through it, a key or a click stops it.
const hall = document.querySelector('[data-screen]')
if (hall) {
  const pages = [...hall.children]
  const seconds = Number(hall.dataset.screen)
  let at = 0
  let running = true
  document.documentElement.classList.add('gk-hall')
  const show = () => pages.forEach((p, i) => { p.hidden = i !== at })
  const turn = () => {
    if (!running) return
    const rest = document.documentElement.scrollHeight - window.innerHeight - window.scrollY
    if (rest > 4) {
      window.scrollBy({ top: window.innerHeight * 0.8, behavior: 'smooth' })
    } else {
      at = (at + 1) % pages.length
      show()
      window.scrollTo(0, 0)
      if (at === 0 && navigator.onLine) window.location.reload() // what is new
    }
  }
  const stop = () => { running = !running; document.documentElement.classList.toggle('gk-hall', running) }
  show()
  setInterval(turn, seconds * 1000)
  window.addEventListener('keydown', e => {
    if (e.key === ' ' || e.key === 'Escape') { e.preventDefault(); stop() }
    if (e.key === 'ArrowRight' || e.key === 'ArrowLeft') {
      at = (at + (e.key === 'ArrowRight' ? 1 : pages.length - 1)) % pages.length
      show()
      window.scrollTo(0, 0)
    }
  })
  hall.addEventListener('click', stop)
}

// The identities of a report are checked while its figures are typed; what follows from
// others follows at once.
for (const f of document.querySelectorAll('form[data-equations]')) {
  const equations = JSON.parse(f.dataset.equations)
  const field = (c) => f.elements.namedItem(c)
  const number = (c) => {
    const s = (field(c)?.value ?? '').normalize('NFKC').replace(/[\s,]/g, '')
    return s === '' || s === '-' || s === '—' ? 0 : Number(s)
  }
  const sum = (cells) => cells.reduce((n, c) => n + number(c), 0)
  const typed = new Set()
  const holds = (e) => sum(e.left) === (e.is ?? sum(e.right ?? []))
  for (const e of equations) if (e.fills && !holds(e)) typed.add(e.right[0])
  f.addEventListener('input', (event) => {
    typed.add(event.target.name)
    for (const e of equations) if (e.fills && !typed.has(e.right[0])) field(e.right[0]).value = sum(e.left)
    const off = equations.filter((e) => !holds(e))
    const list = document.getElementById('identity-list')
    for (const i of f.querySelectorAll('td.gk-empty')) i.classList.remove('gk-empty')
    const items = off.map((e) => {
      for (const c of [...e.left, ...(e.right ?? [])]) field(c)?.closest('td')?.classList.add('gk-empty')
      const li = document.createElement('li')
      const left = sum(e.left), right = e.is ?? sum(e.right ?? [])
      li.textContent = e.name + '：' + left + ' ≠ ' + right + '（' + (left - right) + '）'
      return li
    })
    const box = document.createElement(off.length ? 'ul' : 'p')
    box.className = off.length ? 'govuk-list govuk-error-summary govuk-error-summary__list' : 'govuk-body'
    if (off.length) box.append(...items)
    else box.textContent = '✓ ' + f.dataset.holds
    list.replaceChildren(box)
  })
}

// Taking down a call: earlier calls from the number, and no mouse. Ctrl+Enter records,
// with Shift it is passed on.
const take = document.getElementById('take')
if (take) {
  const phone = take.elements.phone, box = document.getElementById('known')
  let last = '', sent = false
  window.addEventListener('pageshow', () => { sent = false })
  const ask = async () => {
    const n = phone.value.trim()
    if (n === last) return
    last = n
    if (n.length < 7) { box.replaceChildren(); return }
    try {
      const r = await fetch(take.dataset.known, { method: 'POST', body: new URLSearchParams({ phone: n }) })
      if (r.ok && n === last) box.innerHTML = await r.text() // escaped by the server's template
    } catch { /* the call is taken down without it */ }
  }
  phone.addEventListener('change', ask)
  phone.addEventListener('input', () => { if (phone.value.trim().length >= 11) ask() })
  take.addEventListener('keydown', (e) => {
    if (e.key !== 'Enter' || !e.ctrlKey || e.isComposing || sent) return
    e.preventDefault()
    sent = true // the same call is not recorded twice
    const buttons = take.querySelectorAll('button.govuk-button')
    take.requestSubmit(buttons[e.shiftKey ? 1 : 0])
  })
  if (!document.querySelector('.govuk-error-summary')) phone.focus()
}

// Buttons over a text put in what one would otherwise have to type. What they do can be
// undone like typing.
for (const area of document.querySelectorAll('textarea[data-tools]')) {
  const tools = JSON.parse(area.dataset.tools)
  const marks = tools.map((t) => t.line).filter(Boolean)
  const put = (from, to, text, first, last) => {
    area.focus()
    area.setSelectionRange(from, to)
    if (!document.execCommand('insertText', false, text)) {
      area.setRangeText(text, from, to, 'end')
      area.dispatchEvent(new Event('input', { bubbles: true }))
    }
    area.setSelectionRange(first, last)
  }
  const apply = (t) => {
    const { value, selectionStart: a, selectionEnd: b } = area
    if (t.line) {
      const from = value.lastIndexOf('\n', a - 1) + 1
      const end = value.indexOf('\n', b)
      const to = end < 0 ? value.length : end
      const lines = value.slice(from, to).split('\n').map((l) => {
        const had = marks.find((m) => l.startsWith(m)) ?? ''
        return (had === t.line ? '' : t.line) + l.slice(had.length)
      }).join('\n')
      put(from, to, lines, from + lines.length, from + lines.length)
    } else if (t.before) {
      const text = t.before + value.slice(a, b) + t.after
      put(a, b, text, a + t.before.length, a + t.before.length + b - a)
    } else {
      put(a, b, t.text, a + t.text.length, a + t.text.length)
    }
  }
  const bar = document.createElement('div')
  bar.className = 'gk-marks gk-noprint'
  bar.setAttribute('role', 'group')
  bar.setAttribute('aria-label', area.dataset.label)
  for (const t of tools) {
    const b = document.createElement('button')
    b.type = 'button'
    b.textContent = t.label
    b.setAttribute('aria-controls', area.id)
    b.addEventListener('click', () => apply(t))
    bar.append(b)
  }
  area.before(bar)
}

// Keys work from now on.
document.documentElement.dataset.ready = ''
