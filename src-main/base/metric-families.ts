export type Labels = Readonly<Record<string, string>>

export interface Sample {
  /** Behind the family's name: `_bucket`, `_sum`, `_count`. */
  readonly suffix?: string
  readonly labels: Labels
  readonly value: number
}

/** One metric with everything that is known of it at this moment. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly samples: readonly Sample[]
}

export const gauge = (name: string, help: string, value: number, labels: Labels = {}): Family => ({ name, help, type: 'gauge', samples: [{ labels, value }] })

export const counter = (name: string, help: string, value: number, labels: Labels = {}): Family => ({ name, help, type: 'counter', samples: [{ labels, value }] })

/** As Prometheus writes numbers. */
export const numeral = (value: number): string => (value === Infinity ? '+Inf' : String(value))

/** `count` bounds for a histogram, each `factor` times the one before. */
export const exponentialBuckets = (first: number, factor: number, count: number): number[] => Array.from({ length: count }, (_, n) => first * factor ** n)

/** Counts observations in buckets; `bounds` ascend, and what is above the last counts in `+Inf` alone. */
export class Histogram {
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = new Array<number>(bounds.length + 1).fill(0)
  }

  get isEmpty(): boolean {
    return this.#counts.every((count) => count === 0)
  }

  /** Of all observations. */
  get count(): number {
    return this.#counts.reduce((sum, each) => sum + each, 0)
  }

  observe(value: number): void {
    let bucket = 0
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]!) bucket++
    this.#counts[bucket]!++
    this.#sum += value
  }

  samples(labels: Labels): Sample[] {
    let count = 0
    const buckets = this.#counts.map((each, at) => {
      count += each
      return { suffix: '_bucket', labels: { ...labels, le: numeral(this.#bounds[at] ?? Infinity) }, value: count }
    })
    return [...buckets, { suffix: '_sum', labels, value: this.#sum }, { suffix: '_count', labels, value: count }]
  }
}

/** One metric with a series for each combination of labels; what the labels may say must have a bound. */
abstract class Labelled<T> {
  readonly #series = new Map<string, { readonly labels: Labels; readonly value: T }>()
  readonly #start: () => T

  constructor(start: () => T) {
    this.#start = start
  }

  protected of(labels: Labels): T {
    const key = JSON.stringify(labels)
    let series = this.#series.get(key)
    if (!series) this.#series.set(key, (series = { labels, value: this.#start() }))
    return series.value
  }

  protected samplesOf(tell: (value: T, labels: Labels) => Sample[]): Sample[] {
    return [...this.#series.values()].flatMap(({ value, labels }) => tell(value, labels))
  }
}

export class Counters extends Labelled<{ count: number }> {
  readonly #named: Pick<Family, 'name' | 'help'>

  constructor(name: string, help: string) {
    super(() => ({ count: 0 }))
    this.#named = { name, help }
  }

  add(labels: Labels): void {
    this.of(labels).count++
  }

  family(): Family {
    return { ...this.#named, type: 'counter', samples: this.samplesOf(({ count }, labels) => [{ labels, value: count }]) }
  }
}

export class Histograms extends Labelled<Histogram> {
  readonly #named: Pick<Family, 'name' | 'help'>

  constructor(name: string, help: string, bounds: readonly number[]) {
    super(() => new Histogram(bounds))
    this.#named = { name, help }
  }

  observe(labels: Labels, value: number): void {
    this.of(labels).observe(value)
  }

  /** For whoever observes often: to be kept. */
  one(labels: Labels): Histogram {
    return this.of(labels)
  }

  family(): Family {
    return { ...this.#named, type: 'histogram', samples: this.samplesOf((histogram, labels) => (histogram.isEmpty ? [] : histogram.samples(labels))) }
  }
}
