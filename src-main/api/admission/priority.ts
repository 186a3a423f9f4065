import type { Pod } from '../../kinds/core/pod.ts'
import { priorityClass as classKind, type PriorityClass } from '../../kinds/scheduling/priority-class.ts'
import { forbidden } from '../../kinds/status-error.ts'
import { keyFor, kindPrefix } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { AdmissionPlugin, AdmissionRequest, Reader } from './chain.ts'

/** Gives pods the number that their PriorityClass stands for, and keeps it. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  admit(request) {
    const { kind, operation, subresource, object, old } = request
    if (kind.kind !== 'Pod' || kind.group !== '' || operation === 'DELETE') return
    if (operation === 'CREATE') return setPriority(request, object as Pod)
    const [spec, was] = [(object as Pod).spec, (old as Pod | undefined)?.spec]
    if (subresource || !spec || !was) return
    // what the server filled in need not be repeated by an update
    if (spec.priority === undefined && was.priority !== undefined) spec.priority = was.priority
    if (spec.preemptionPolicy === undefined && was.preemptionPolicy !== undefined) spec.preemptionPolicy = was.preemptionPolicy
  },
  validate({ kind, operation, object, name, read }) {
    if (kind.kind !== classKind.kind || kind.group !== classKind.group || operation === 'DELETE') return
    if (!(object as PriorityClass).globalDefault) return
    const other = classes(read).find((candidate) => candidate.globalDefault && candidate.metadata.name !== name)
    if (!other) return
    throw forbidden(kind, name, `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`)
  },
}

const classes = (read: Reader): PriorityClass[] => read.list(kindPrefix(classKind)).map((stored) => objectOf(stored) as PriorityClass)

function setPriority({ kind, name, read }: AdmissionRequest, { spec }: Pod): void {
  if (!spec) return
  const refuse = (why: string) => forbidden(kind, name, why)
  const found = spec.priorityClassName ? classNamed(read, spec.priorityClassName) : defaultClass(read)
  if (!found && spec.priorityClassName) throw refuse(`no PriorityClass with name ${spec.priorityClassName} was found`)
  const value = found?.value ?? 0
  const preemptionPolicy = found?.preemptionPolicy === 'Never' ? 'Never' : 'PreemptLowerPriority'
  const clash = (what: string, said: unknown, computed: unknown) =>
    refuse(`the ${what} (${String(said)}) must not be provided in pod spec; priority admission controller computed ${String(computed)} from the given PriorityClass name`)
  if (spec.priority !== undefined && spec.priority !== value) throw clash('integer value of priority', spec.priority, value)
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy)
    throw clash('string value of PreemptionPolicy', spec.preemptionPolicy, preemptionPolicy)
  if (found?.metadata.name) spec.priorityClassName = found.metadata.name
  spec.priority = value
  spec.preemptionPolicy = preemptionPolicy
}

function classNamed(read: Reader, name: string): PriorityClass | undefined {
  const stored = name.includes('/') ? undefined : read.get(keyFor(classKind, { name }))
  return stored && (objectOf(stored) as PriorityClass)
}

/** Of several, which only a race of an older server can leave, the lowest. */
const defaultClass = (read: Reader): PriorityClass | undefined =>
  classes(read)
    .filter(({ globalDefault }) => globalDefault)
    .sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0]
