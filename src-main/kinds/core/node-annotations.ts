import { goWord, isJsonObject } from '../../base/json.ts'
import { jsonMistake } from '../../base/json-mistake.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Taint } from '../generated/types.ts'

/** What was said in annotations before there were fields for it; Kubernetes checks it to this day. */
export const taintsAnnotation = 'scheduler.alpha.kubernetes.io/taints'
const avoidsAnnotation = 'scheduler.alpha.kubernetes.io/preferAvoidPods'

/** `taints` are checked as those of the spec are. */
export function checkNodeAnnotations(annotations: Readonly<Record<string, string>> | undefined, at: FieldPath, taints: (taints: readonly Taint[], at: FieldPath) => FieldError[]): FieldError[] {
  const errors: FieldError[] = []
  const tainted = annotations?.[taintsAnnotation]
  if (tainted) {
    const { value, mistake } = listIn(tainted, 'value of type []v1.Taint')
    errors.push(...(mistake === undefined ? taints(value as readonly Taint[], at.child(taintsAnnotation)) : [at.invalid(taintsAnnotation, mistake)]))
  }
  const avoided = annotations?.[avoidsAnnotation]
  if (avoided) errors.push(...checkAvoids(avoided, at))
  return errors
}

function checkAvoids(text: string, at: FieldPath): FieldError[] {
  const { value, mistake } = parsed(text)
  const wrong = mistake ?? (value === null || isJsonObject(value) ? undefined : cannotUnmarshal(value, 'value of type v1.AvoidPods'))
  if (wrong !== undefined) return [at.child('AvoidPods').invalid(avoidsAnnotation, wrong)]
  const entries = isJsonObject(value) ? value['preferAvoidPods'] : undefined
  return (Array.isArray(entries) ? entries : []).flatMap((entry: unknown, i) => {
    const signature = at.child(avoidsAnnotation, i, 'PodSignature')
    const controller = memberOf(memberOf(entry, 'podSignature'), 'podController')
    if (!isJsonObject(controller)) return [signature.required()]
    return controller['controller'] === true ? [] : [signature.child('PodController', 'Controller').invalid(false, 'must point to a controller')]
  })
}

const memberOf = (value: unknown, name: string): unknown => (isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined)

const cannotUnmarshal = (value: unknown, into: string): string => `json: cannot unmarshal ${goWord(value)} into Go ${into}`

function listIn(text: string, into: string): { value: unknown[]; mistake?: string } {
  const { value, mistake } = parsed(text)
  if (mistake !== undefined) return { value: [], mistake }
  if (value !== null && !Array.isArray(value)) return { value: [], mistake: cannotUnmarshal(value, into) }
  const wrong = value?.find((each: unknown) => each !== null && !isJsonObject(each))
  return wrong === undefined ? { value: (value ?? []).map((each: unknown) => each ?? {}) } : { value: [], mistake: cannotUnmarshal(wrong, 'value of type v1.Taint') }
}

function parsed(text: string): { value?: unknown; mistake?: string } {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return { mistake: jsonMistake(Buffer.from(text)) }
  }
}
