import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { pathOf, type KindInfo } from './kinds.ts'
import { listObjects } from './resources.ts'
import type { WatchSocket, WatchSource } from './watch.ts'

/** A path of this origin as a WebSocket address. */
export const socketUrl = (path: string): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`

/** A kind's list and its WebSocket watch on this origin. */
export const sourceOf = <T extends KubeObject>(kind: KindInfo<T>): WatchSource<T> => ({
  list: (signal) => listObjects(kind, signal),
  open: (resourceVersion) => {
    const query = new URLSearchParams({ watch: '1', allowWatchBookmarks: 'true', ...(resourceVersion ? { resourceVersion } : {}) })
    return new WebSocket(socketUrl(`${pathOf(kind)}?${query}`)) as unknown as WatchSocket
  },
})
