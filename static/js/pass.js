// A page that was asked for too often: solve the puzzle, then ask again.
const box = document.querySelector('[data-puzzle]')

// SHA-256 (FIPS 180-4) of a short text; a page without TLS has no other.
const K = new Uint32Array(64)
const H0 = new Uint32Array(8)
{
  let n = 0
  for (let p = 2; n < 64; p++) {
    let prime = true
    for (let d = 2; d * d <= p; d++) if (p % d === 0) { prime = false; break }
    if (!prime) continue
    if (n < 8) H0[n] = (Math.sqrt(p) % 1) * 4294967296
    K[n++] = (Math.cbrt(p) % 1) * 4294967296
  }
}
const w = new Uint32Array(64)
function firstWord (text) {
  const len = text.length
  const blocks = ((len + 8) >> 6) + 1
  const words = new Uint32Array(blocks * 16)
  for (let i = 0; i < len; i++) words[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8)
  words[len >> 2] |= 0x80 << (24 - (len % 4) * 8)
  words[words.length - 1] = len * 8
  const h = Array.from(H0)
  for (let b = 0; b < blocks; b++) {
    for (let i = 0; i < 64; i++) {
      if (i < 16) { w[i] = words[b * 16 + i]; continue }
      const x = w[i - 15], y = w[i - 2]
      w[i] = w[i - 16] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + w[i - 7] + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10)
    }
    let [a, b1, c, d, e, f, g, k] = h
    for (let i = 0; i < 64; i++) {
      const t1 = (k + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K[i] + w[i]) | 0
      const t2 = (((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b1 ^ a & c ^ b1 & c)) | 0
      k = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b1; b1 = a; a = (t1 + t2) | 0
    }
    h[0] = (h[0] + a) | 0; h[1] = (h[1] + b1) | 0; h[2] = (h[2] + c) | 0; h[3] = (h[3] + d) | 0
    h[4] = (h[4] + e) | 0; h[5] = (h[5] + f) | 0; h[6] = (h[6] + g) | 0; h[7] = (h[7] + k) | 0
  }
  return h[0] >>> 0
}

async function solve () {
  const { puzzle, bits } = box.dataset
  const state = box.querySelector('[role=status]')
  box.hidden = false
  state.textContent = box.dataset.working
  let n = 0
  for (;;) {
    for (const end = n + 4000; n < end; n++) {
      if (firstWord(puzzle + ':' + n) >>> (32 - Number(bits)) !== 0) continue
      const r = await fetch(box.dataset.to, { method: 'POST', body: new URLSearchParams({ puzzle, solution: String(n) }) })
      if (!r.ok) { state.textContent = box.dataset.failed; return }
      state.textContent = box.dataset.done
      const again = box.querySelector('button')
      again.hidden = false
      again.addEventListener('click', () => window.location.reload())
      if (box.dataset.method === 'GET') window.location.reload()
      return
    }
    await new Promise((resolve) => setTimeout(resolve))
  }
}
if (box) solve()
