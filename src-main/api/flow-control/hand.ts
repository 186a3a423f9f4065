/**
 * The queues that a flow may wait in: `size` different ones of `queues`, the same ones each time, and seldom all the same as
 * another flow's. One flow that floods the server fills its own few queues, and most others still have an empty one.
 */
export function handOf(flow: string, queues: number, size: number): number[] {
  let seed = 0x811c9dc5
  const next = (salt: number): number => {
    seed = Math.imul(seed ^ salt, 0x01000193) >>> 0
    return (seed ^ (seed >>> 15)) >>> 0
  }
  for (let i = 0; i < flow.length; i++) next(flow.charCodeAt(i))
  const hand = new Set<number>()
  for (let salt = 0; hand.size < Math.min(size, queues); salt++) {
    // a hash that keeps meeting the same queues takes their neighbours
    let queue = next(salt) % queues
    while (hand.has(queue)) queue = (queue + 1) % queues
    hand.add(queue)
  }
  return [...hand]
}
