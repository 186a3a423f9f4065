import { type Family, type Labels, numeral } from '../base/metric-families.ts'

/** Prometheus' text format, version 0.0.4. */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8'

export function exposition(families: readonly Family[]): string {
  const lines: string[] = []
  for (const { name, help, type, samples } of families) {
    if (samples.length === 0) continue
    lines.push(`# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`, `# TYPE ${name} ${type}`)
    for (const { suffix = '', labels, value } of samples) lines.push(`${name}${suffix}${labelled(labels)} ${numeral(value)}`)
  }
  return `${lines.join('\n')}\n`
}

function labelled(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}
