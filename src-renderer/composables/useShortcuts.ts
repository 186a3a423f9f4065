import { useEventListener } from '@vueuse/core'
import { useOpenResource } from './useOpenResource.ts'

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) || !!target.closest('.xterm'))

/** `/` to the filter, Ctrl+K to the palette, Esc closes the drawer unless something above it took the key. */
export function useShortcuts(openPalette: () => void): void {
  const { opened, close } = useOpenResource()
  useEventListener(window, 'keydown', (event) => {
    if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      openPalette()
    } else if (event.key === '/' && !typing(event.target)) {
      const filter = document.querySelector<HTMLInputElement>('[data-filter]')
      if (filter) event.preventDefault()
      filter?.focus()
    } else if (event.key === 'Escape' && opened.value && !typing(event.target) && !event.defaultPrevented && !document.querySelector('[role=dialog],[role=listbox],[role=menu]')) {
      void close()
    }
  })
}
