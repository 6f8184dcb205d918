// Small helps for pages that work without them.

// Print buttons are shown only where they can do something.
for (const b of document.querySelectorAll('[data-print]')) {
  b.hidden = false
  b.addEventListener('click', () => window.print())
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

// A form that was changed warns before it is left.
for (const f of document.querySelectorAll('form[data-unsaved]')) {
  let changed = false
  f.addEventListener('input', () => { changed = true })
  f.addEventListener('submit', () => { changed = false })
  window.addEventListener('beforeunload', (e) => { if (changed) e.preventDefault() })
}

// Forms are sent once.
for (const f of document.querySelectorAll('form[method="post"]')) {
  f.addEventListener('submit', (e) => {
    if (e.defaultPrevented) return
    setTimeout(() => { for (const b of f.querySelectorAll('button:not([type=button])')) b.disabled = true }, 0)
  })
}
window.addEventListener('pageshow', () => { for (const b of document.querySelectorAll('button:disabled')) b.disabled = false })
