/** One line of a benchmark's table; `beside` was measured with it, in the same unit, and `peer` is what the other one did in the same run. */
export interface Measurement {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly beside?: { readonly name: string; readonly value: number }
  readonly peer?: { readonly name: string; readonly value: number }
}

export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => percentile(values, 50)

/** Runs `job` for each number below `count`, at most `width` at once; gives each one's time in ms. */
export async function concurrently(count: number, width: number, job: (i: number) => Promise<void>): Promise<number[]> {
  const times: number[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let i = next++; i < count; i = next++) {
        const began = performance.now()
        await job(i)
        times.push(performance.now() - began)
      }
    }),
  )
  return times
}

/** Resident memory of a process in MiB, as Linux counts it. */
export function residentMiB(status: string): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024
}
