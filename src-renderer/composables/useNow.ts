import { storeToRefs } from 'pinia'
import type { Ref } from 'vue'
import { useCluster } from '../stores/cluster.ts'

/** The time in ms, once a second, one timer for everybody. */
export const useNow = (): Ref<number> => storeToRefs(useCluster()).now
