import type { Ref } from 'vue'

/** Pointer handler for a grip that sets `size`; `from` says which edge of the panel the grip is on. */
export function useResize(size: Ref<number>, from: 'left' | 'top', min: number, max: () => number) {
  const clamp = (n: number) => Math.round(Math.min(Math.max(n, min), max()))
  function start(event: PointerEvent) {
    event.preventDefault()
    const grip = event.currentTarget as HTMLElement
    const origin = from === 'left' ? event.clientX : event.clientY
    const before = size.value
    grip.setPointerCapture(event.pointerId)
    grip.onpointermove = (move) => (size.value = clamp(before + origin - (from === 'left' ? move.clientX : move.clientY)))
    grip.onpointerup = () => (grip.onpointermove = null)
  }
  /** Arrow keys do the same. */
  function key(event: KeyboardEvent) {
    const step = { ArrowLeft: 24, ArrowUp: 24, ArrowRight: -24, ArrowDown: -24 }[event.key]
    if (step) size.value = clamp(size.value + step)
  }
  return { start, key }
}
