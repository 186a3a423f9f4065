import { useIntervalFn } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { ApiError } from '../api/errors.ts'
import { request } from '../api/resources.ts'
import { useResources } from './resources.ts'

export type Connection = 'connecting' | 'live' | 'lost' | 'signed-out'

interface Notices {
  notices?: string[]
  version?: string
  runtime?: string
}

/** Whether the cluster answers, and what it has to say about itself. */
export const useCluster = defineStore('cluster', () => {
  const resources = useResources()
  const notices = ref<string[]>([])
  const version = ref('')
  const runtime = ref('')
  const now = ref(Date.now())
  useIntervalFn(() => (now.value = Date.now()), 1000)

  const connection = computed<Connection>(() => {
    const states = resources.lists
    if (states.some((l) => l.error.value instanceof ApiError && l.error.value.code === 401)) return 'signed-out'
    if (states.some((l) => l.state.value === 'retrying' && !isMissing(l.error.value))) return 'lost'
    return states.length && states.every((l) => l.state.value === 'live' || isMissing(l.error.value)) ? 'live' : 'connecting'
  })

  /** Asks once what the cluster wants its user to know; an older cluster may have no such page. */
  async function loadNotices(): Promise<void> {
    try {
      const answer = (await (await request('/wheelhouse/notices')).json()) as Notices
      notices.value = answer.notices ?? []
      version.value = answer.version ?? ''
      runtime.value = answer.runtime ?? ''
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
    }
  }

  return { connection, notices, version, runtime, now, loadNotices }
})

/** A kind this cluster does not serve is not a lost connection. */
const isMissing = (error: unknown): boolean => error instanceof ApiError && (error.code === 404 || error.code === 403)
