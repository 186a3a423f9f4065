/** What an audit annotation of a policy came to; an empty value is left out. */
export type Annotation = { readonly key: string; readonly value: string } | { readonly key: string; readonly error: string }

const longestValue = 10 * 1024

/** Audit annotations of policies; what several bindings say differently under one key is told together. */
export class AnnotationCollector {
  readonly #values = new Map<string, Set<string>>()

  add(policy: string, annotations: ReadonlyArray<{ readonly key: string; readonly value: string }>): void {
    for (const { key, value } of annotations) {
      if (value === '') continue
      const name = `${policy}/${key}`
      this.#values.set(name, (this.#values.get(name) ?? new Set()).add(value.slice(0, longestValue)))
    }
  }

  publish(audit: Record<string, string>): void {
    for (const [name, values] of this.#values) audit[name] = [...values].join(', ')
  }
}
