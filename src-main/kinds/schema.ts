/**
 * The structure of Kubernetes' types as data: what validation, defaulting, pruning, strategic merge, apply and
 * OpenAPI all read. The built-in ones are generated (`npm run generate`); a CRD's are converted to the same form.
 */
export interface FieldSchema {
  readonly type:
    | 'string' | 'integer' | 'number' | 'boolean'
    /** base64 text */
    | 'bytes'
    /** RFC 3339, as metav1.Time and metav1.MicroTime */
    | 'time' | 'microtime'
    /** text or number, as resource.Quantity */
    | 'quantity'
    | 'int-or-string'
    /** `ref` names the type */
    | 'object'
    /** `items` is the element */
    | 'array'
    /** string keys; `items` is the value */
    | 'map'
    /** any JSON */
    | 'any'
  readonly ref?: string
  readonly items?: FieldSchema
  readonly format?: 'int32' | 'int64' | 'double'
  readonly required?: true
  /** Go leaves it out when it is `false`, 0 or empty text. */
  readonly omitZero?: true
  /** An empty list or map is something else than none: it reaches defaults and rules, and what is stored has one item at least. */
  readonly keepsEmpty?: true
  /** Null for what Go prints as null when it is empty: no default to a client, and no clients' value either. */
  readonly default?: unknown
  /** Of custom resources: null is a value. */
  readonly nullable?: true
  /** Of custom resources: a number or a text alone, which for who owns what is JSON of any form. */
  readonly isEither?: true
  readonly enum?: readonly string[]
  /** What OpenAPI says instead of `enum`. */
  readonly published?: readonly string[]
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys?: readonly string[]
  readonly mapType?: 'atomic' | 'granular'
  readonly patchStrategy?: string
  readonly patchMergeKey?: string
}

export interface TypeSchema {
  readonly fields: Readonly<Record<string, FieldSchema>>
  /** Other names than these may stand there too, with any value. */
  readonly open?: true
  /** Owned as one wherever it stands, unless a field says otherwise. */
  readonly atomic?: true
  /** One of its fields may be given: which field says so, and its word for each of them. */
  readonly union?: { readonly discriminator?: string; readonly fields: Readonly<Record<string, string>> }
}

/** By definition name, as OpenAPI writes it: `io.k8s.api.core.v1.PodSpec`. */
export type Schemas = Readonly<Record<string, TypeSchema>>
