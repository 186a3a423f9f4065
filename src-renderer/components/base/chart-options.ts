import type uPlot from 'uplot'

export interface Line {
  label: string
  values: number[]
  /** A CSS colour, `var(--hue-3)`. */
  colour: string
  /** Filled down to zero: what fills a capacity. */
  area?: boolean
  dashed?: boolean
}

/** A CSS colour as the canvas understands it. */
function resolve(host: HTMLElement, colour: string): string {
  const probe = document.createElement('i')
  probe.style.color = colour
  host.append(probe)
  const resolved = getComputedStyle(probe).color
  probe.remove()
  return resolved
}

const faint = (colour: string): string => `color-mix(in oklch, ${colour} 16%, transparent)`

/** uPlot's options in the house style: hairlines, a label at the end of each line, no legend. */
export function chartOptions(host: HTMLElement, lines: Line[], format: (n: number) => string, floor = 0, binary = false): Omit<uPlot.Options, 'width' | 'height'> {
  const muted = resolve(host, 'var(--muted)')
  const grid = { stroke: resolve(host, 'var(--line)'), width: 1 }
  const font = '11px system-ui, sans-serif'
  const colours = lines.map((line) => resolve(host, line.colour))
  return {
    cursor: { sync: { key: 'time' }, points: { size: 6 }, y: false, drag: { x: false, y: false } },
    legend: { show: false },
    padding: [14, 26, 0, 0],
    scales: { x: { time: true, range: (_u, min, max) => [Math.min(min, max - shownSeconds), max] }, y: { range: (_u, _min, max) => [0, Math.max(floor, max * 1.25, 1e-3)] } },
    axes: [
      { stroke: muted, font, grid: { show: false }, ticks: { show: false }, size: 22, space: 90, values: (_u, times) => times.map((time) => clock(time, (times[1] ?? 0) - (times[0] ?? 0) < 60)) },
      { stroke: muted, font, grid, ticks: { show: false }, size: 58, space: 36, ...(binary ? { incrs: powersOfTwo } : {}), values: (_u, ticks) => ticks.map((n) => (n === 0 ? '0' : format(n))) },
    ],
    series: [
      {},
      ...lines.map((line, i) => ({
        label: line.label,
        stroke: colours[i],
        width: 1.5,
        dash: line.dashed ? [4, 4] : undefined,
        fill: line.area ? resolve(host, faint(line.colour)) : undefined,
        points: { show: (u: uPlot) => (u.data[0]?.length ?? 0) <= 2, size: 5 },
      })),
    ],
    hooks: { draw: [(u) => drawLabels(u, lines, colours, format, resolve(host, 'var(--halo, var(--ground))'))] },
  }
}

const clock = (time: number, seconds: boolean): string =>
  new Date(time * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}), hour12: false })

/** The least time a chart shows, so that the first samples do not fill it. */
const shownSeconds = 60

/** Memory's ticks are powers of two. */
const powersOfTwo = Array.from({ length: 50 }, (_, i) => 2 ** i)

/** Name and newest value at the end of each line, never on top of each other. */
function drawLabels(u: uPlot, lines: Line[], colours: string[], format: (n: number) => string, halo: string): void {
  const at = (u.data[0]?.length ?? 0) - 1
  if (at < 0) return
  const ratio = devicePixelRatio
  const labels = lines
    .map((line, i) => ({ label: line.label, value: u.data[i + 1]?.[at], colour: colours[i] ?? '' }))
    .flatMap(({ label, value, colour }) => (label && typeof value === 'number' ? [{ text: `${label} ${format(value)}`, colour, y: u.valToPos(value, 'y', true) - 5 * ratio }] : []))
    .sort((a, b) => a.y - b.y)
  let lowest = u.bbox.top - 14 * ratio
  u.ctx.save()
  u.ctx.font = `${11 * ratio}px system-ui, sans-serif`
  u.ctx.textAlign = 'right'
  for (const { text, colour, y } of labels) {
    lowest = Math.max(y, lowest + 13 * ratio)
    u.ctx.lineWidth = 4 * ratio
    u.ctx.strokeStyle = halo
    u.ctx.strokeText(text, u.bbox.left + u.bbox.width - 4 * ratio, lowest)
    u.ctx.fillStyle = colour
    u.ctx.fillText(text, u.bbox.left + u.bbox.width - 4 * ratio, lowest)
  }
  u.ctx.restore()
}
