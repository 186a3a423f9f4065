/**
 * Loaded into a served process before anything else: tells whoever asks over IPC how many ms its longest turn of the event
 * loop took since the question before.
 *
 * A turn is what the main thread computes between two ticks of 1 ms, its share of garbage collection with it. Computing is
 * no waiting: what others do on the same cores is not in it.
 */
import { isMainThread } from 'node:worker_threads'

if (isMainThread && process.send) {
  let longestMs = 0
  let before = process.threadCpuUsage()
  const tick = (): void => {
    const { user, system } = process.threadCpuUsage(before)
    before = process.threadCpuUsage()
    longestMs = Math.max(longestMs, (user + system) / 1000)
  }
  setInterval(tick, 1).unref()
  process.on('message', () => {
    tick()
    process.send?.(longestMs)
    longestMs = 0
  })
  process.channel?.unref()
}
