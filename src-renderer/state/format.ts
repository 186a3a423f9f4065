const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const

/** An age as kubectl writes it: `12s`, `5m3s`, `3h12m`, `2d4h`, `41d`. */
export function age(from: string | undefined, now: number): string {
  if (!from) return ''
  const seconds = Math.max(0, Math.floor((now - Date.parse(from)) / 1000))
  if (!Number.isFinite(seconds)) return ''
  if (seconds < 120) return `${seconds}s`
  const first = units.findIndex(([, size]) => seconds >= size)
  const [unit, size] = units[first] ?? units[3]
  const whole = Math.floor(seconds / size)
  const next = units[first + 1]
  const rest = next ? Math.floor((seconds % size) / next[1]) : 0
  return rest && next && whole < 10 ? `${whole}${unit}${rest}${next[0]}` : `${whole}${unit}`
}

/** The same in words: "just now", "2 minutes ago". */
export function ago(from: string | undefined, now: number): string {
  if (!from) return ''
  const seconds = Math.max(0, Math.floor((now - Date.parse(from)) / 1000))
  if (seconds < 5) return 'just now'
  const [word, size] =
    seconds < 60 ? (['second', 1] as const) : seconds < 3600 ? (['minute', 60] as const) : seconds < 86_400 ? (['hour', 3600] as const) : (['day', 86_400] as const)
  return `${count(Math.floor(seconds / size), word)} ago`
}

/** `1 pod`, `3 pods` */
export const count = (n: number, noun: string, plural = `${noun}s`): string => `${n} ${n === 1 ? noun : plural}`

const factors: Readonly<Record<string, number>> = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
}
const quantitySyntax = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?$/

/** A Kubernetes quantity as a number: cores for cpu, bytes for memory. 0 when absent or not one. */
export function quantity(text: string | number | undefined): number {
  const match = quantitySyntax.exec(String(text ?? ''))
  if (!match) return 0
  return match[2] ? Number(`${match[1]}${match[2]}`) : Number(match[1]) * (factors[match[3] ?? ''] ?? 1)
}

export const isQuantity = (text: string): boolean => quantitySyntax.test(text)

/** A figure and its unit, so that the unit can be muted. */
export interface Figure {
  value: string
  unit: string
}

/** Cores: thousandths below one core. */
export const cpu = (cores: number): Figure =>
  cores < 1 ? { value: String(Math.round(cores * 1000)), unit: 'm' } : { value: trimmed(cores), unit: cores === 1 ? 'core' : 'cores' }

export function bytes(n: number): Figure {
  const names = ['B', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi']
  let size = n
  let at = 0
  while (size >= 1024 && at < names.length - 1) {
    size /= 1024
    at++
  }
  return { value: trimmed(size), unit: names[at] ?? '' }
}

const trimmed = (n: number): string => (n >= 100 || Number.isInteger(n) ? String(Math.round(n)) : String(Number(n.toFixed(n >= 10 ? 1 : 2))))

/** `300m`, `64Mi`, `2 cores` */
export const figure = ({ value, unit }: Figure): string => `${value}${unit.startsWith('core') ? ' ' : ''}${unit}`

/** The exact local time, for titles. */
export const exact = (time: string | undefined): string => (time ? new Date(time).toLocaleString() : '')

/** A colour for each name, different ones while there are enough: who would share one takes the next. */
export function huesOf(names: readonly string[]): Map<string, string> {
  const hues = new Map<string, string>()
  const taken = new Set<number>()
  for (const name of [...names].sort()) {
    let hue = hueIndex(name)
    while (taken.has(hue) && taken.size < 8) hue = (hue + 3) % 8
    taken.add(hue)
    hues.set(name, `var(--hue-${hue})`)
  }
  return hues
}

/** One of the eight categorical colours, always the same for the same text. */
export const hueOf = (text: string): string => `var(--hue-${hueIndex(text)})`

function hueIndex(text: string): number {
  let hash = 2166136261
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619)
  // names often differ in their last letter only, so the last bits must reach the first
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash >>> 16) & 7
}
