// Passkeys: what the browser signs, and the keys that it makes.
const from64 = (s) => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
const to64 = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')

async function ask (to, body) {
  const r = await fetch(to, { method: 'POST', body })
  if (!r.ok) throw new Error(String(r.status))
  return r
}

const sign = document.querySelector('[data-passkey]')
if (sign && window.PublicKeyCredential) {
  sign.addEventListener('click', async () => {
    const state = sign.parentElement.querySelector('[role=status]')
    try {
      const { publicKey } = await (await ask(sign.dataset.passkey + '/key')).json()
      publicKey.challenge = from64(publicKey.challenge)
      for (const c of publicKey.allowCredentials || []) c.id = from64(c.id)
      const k = await navigator.credentials.get({ publicKey })
      const r = await ask(sign.dataset.passkey + '/answer', JSON.stringify({
        id: k.id, rawId: to64(k.rawId), type: k.type,
        response: { authenticatorData: to64(k.response.authenticatorData), clientDataJSON: to64(k.response.clientDataJSON), signature: to64(k.response.signature), userHandle: k.response.userHandle ? to64(k.response.userHandle) : undefined }
      }))
      window.location.assign(r.url)
    } catch { state.textContent = sign.dataset.failed }
  })
}

const make = document.querySelector('[data-newkey]')
if (make && window.PublicKeyCredential) {
  make.hidden = false
  make.addEventListener('submit', async (e) => {
    e.preventDefault()
    const state = make.querySelector('[role=status]')
    try {
      const { publicKey } = await (await ask(make.dataset.newkey)).json()
      publicKey.challenge = from64(publicKey.challenge)
      publicKey.user.id = from64(publicKey.user.id)
      for (const c of publicKey.excludeCredentials || []) c.id = from64(c.id)
      const k = await navigator.credentials.create({ publicKey })
      const r = await ask(make.dataset.newkey + '/answer?name=' + encodeURIComponent(make.querySelector('input').value), JSON.stringify({
        id: k.id, rawId: to64(k.rawId), type: k.type,
        response: { attestationObject: to64(k.response.attestationObject), clientDataJSON: to64(k.response.clientDataJSON) }
      }))
      const { recovery } = await r.json()
      if (!recovery) { window.location.reload(); return }
      const list = make.querySelector('ul')
      list.replaceChildren(...recovery.map((code) => Object.assign(document.createElement('li'), { textContent: code })))
      state.textContent = make.dataset.saved
    } catch { state.textContent = make.dataset.failed }
  })
}
