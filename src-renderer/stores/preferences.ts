import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { watchEffect } from 'vue'

export type Theme = 'system' | 'dark' | 'light'

/** What a person chose for this window; kept in the browser. */
export const usePreferences = defineStore('preferences', () => {
  const theme = useLocalStorage<Theme>('wheelhouse.theme', 'system')
  /** Empty: all namespaces. */
  const namespace = useLocalStorage('wheelhouse.namespace', '')
  const compact = useLocalStorage('wheelhouse.compact', false)
  const railOpen = useLocalStorage('wheelhouse.rail', false)
  const drawerWidth = useLocalStorage('wheelhouse.drawer', 560)
  const dockHeight = useLocalStorage('wheelhouse.dock', 280)
  watchEffect(() => {
    const root = document.documentElement
    if (theme.value === 'system') delete root.dataset.theme
    else root.dataset.theme = theme.value
  })
  return { theme, namespace, compact, railOpen, drawerWidth, dockHeight }
})
