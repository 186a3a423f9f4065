import { amountOf } from './amount.ts'
import { readQuantity } from './quantity-text.ts'

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
}

const syntax = /^([+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40}))(?:([eE][+-]?\d\d?)|([numkMGTPE]|[KMGTPE]i))?$/

/**
 * The number a Kubernetes quantity stands for (`500m` is 0.5, `1Gi` is 1073741824), or undefined when it is not
 * one. Syntax: k8s.io/apimachinery resource.Quantity.
 */
export function parseQuantity(text: string | number): number | undefined {
  const match = syntax.exec(String(text))
  if (!match) return unusual(String(text))
  const [, digits = '', exponent, suffix = ''] = match
  if (exponent) return Number(digits + exponent)
  const factor = suffixes[suffix] ?? 1
  // 100m must be 0.1 exactly as a literal would be, so small factors divide
  return factor < 1 ? Number(digits) / Math.round(1 / factor) : Number(digits) * factor
}

/** What Kubernetes takes for a number beside those that are one at first sight. */
function unusual(text: string): number | undefined {
  return typeof readQuantity(text) === 'string' ? undefined : Number(amountOf(text).nano) / 1e9
}

/** Thousandths of a CPU; 0 when absent or not a quantity. Fractions of a thousandth round up, as in Kubernetes. */
export const milliCpu = (text: string | number | undefined): number =>
  text === undefined ? 0 : Math.ceil(Number(((parseQuantity(text) ?? 0) * 1000).toFixed(6)))

/** Whole bytes (or whole things); 0 when absent or not a quantity. */
export const wholeQuantity = (text: string | number | undefined): number =>
  text === undefined ? 0 : Math.ceil(parseQuantity(text) ?? 0)

/** `1500` thousandths of a CPU as Kubernetes writes it: `1500m`, `2`. */
export const formatMilliCpu = (milli: number): string =>
  milli % 1000 === 0 ? String(milli / 1000) : `${Math.ceil(milli)}m`

/** Bytes as Kubernetes writes memory: in the largest binary unit that divides it, `128Mi`, else plain. */
export function formatBytes(bytes: number): string {
  for (const unit of ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki']) {
    const size = suffixes[unit] ?? 1
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`
  }
  return String(Math.ceil(bytes))
}
