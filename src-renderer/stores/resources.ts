import { defineStore } from 'pinia'
import { computed, shallowReactive, shallowRef, type ShallowRef } from 'vue'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { pathOf, type KindInfo } from '../api/kinds.ts'
import { sourceOf } from '../api/sockets.ts'
import { watchList, type WatchState } from '../api/watch.ts'

/** One kind's objects, kept equal to the cluster's while anybody uses them. */
export interface LiveList<T extends KubeObject = KubeObject> {
  readonly items: ShallowRef<T[]>
  /** The first list has arrived. */
  readonly loaded: ShallowRef<boolean>
  readonly state: ShallowRef<WatchState>
  readonly error: ShallowRef<unknown>
}

interface Shared {
  readonly list: LiveList
  readonly stop: () => void
  users: number
  expiry?: ReturnType<typeof setTimeout>
}

/** A list nobody uses is kept this long, so that changing pages asks for nothing twice. */
const keepMs = 30_000

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`

function follow(kind: KindInfo): Shared {
  const list: LiveList = { items: shallowRef([]), loaded: shallowRef(false), state: shallowRef<WatchState>('connecting'), error: shallowRef() }
  const objects = new Map<string, KubeObject>()
  let queued = false
  // many events at once become one update of the screen
  const publish = () => {
    if (queued) return
    queued = true
    setTimeout(() => {
      queued = false
      list.items.value = [...objects.values()]
      list.loaded.value = true
    }, 16)
  }
  const stop = watchList(sourceOf(kind), {
    replaced(items) {
      objects.clear()
      for (const item of items) objects.set(keyOf(item), item)
      publish()
    },
    changed({ type, object }) {
      if (type === 'DELETED') objects.delete(keyOf(object))
      else objects.set(keyOf(object), object)
      publish()
    },
    state(state, _retryMs, error) {
      list.state.value = state
      if (state !== 'connecting') list.error.value = error
    },
  })
  return { list, stop, users: 0 }
}

/** One watched list per kind, shared by all components and counted. */
export const useResources = defineStore('resources', () => {
  const shared = shallowReactive(new Map<string, Shared>())

  /** Starts or joins the watch of a kind; call `release` when done. */
  function use<T extends KubeObject>(kind: KindInfo<T>): { list: LiveList<T>; release: () => void } {
    const key = pathOf(kind)
    const entry = shared.get(key) ?? follow(kind)
    shared.set(key, entry)
    clearTimeout(entry.expiry)
    entry.users++
    let released = false
    const release = () => {
      if (released) return
      released = true
      if (--entry.users > 0) return
      entry.expiry = setTimeout(() => {
        entry.stop()
        shared.delete(key)
      }, keepMs)
    }
    return { list: entry.list as unknown as LiveList<T>, release }
  }

  const lists = computed(() => [...shared.values()].map((entry) => entry.list))
  return { use, lists }
})
