import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

export interface DockTab {
  id: string
  type: 'logs' | 'shell'
  namespace: string
  pod: string
  container: string
}

/** Logs and shells at the bottom of the window. */
export const useDock = defineStore('dock', () => {
  const tabs = ref<DockTab[]>([])
  const active = ref('')
  const current = computed(() => tabs.value.find((t) => t.id === active.value))

  function open(tab: Omit<DockTab, 'id'>): void {
    const id = `${tab.type}:${tab.namespace}/${tab.pod}/${tab.container}`
    if (!tabs.value.some((t) => t.id === id)) tabs.value.push({ ...tab, id })
    active.value = id
  }

  function close(id: string): void {
    const at = tabs.value.findIndex((t) => t.id === id)
    tabs.value = tabs.value.filter((t) => t.id !== id)
    if (active.value === id) active.value = tabs.value[Math.max(0, at - 1)]?.id ?? ''
  }

  return { tabs, active, current, open, close }
})
