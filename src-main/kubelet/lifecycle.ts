import { sleep } from '../base/clock.ts'
import type { Container, LifecycleHandler, Pod } from '../kinds/generated/types.ts'
import type { Action } from './plan.ts'
import { probeRunner } from './probe-checks.ts'
import type { ProbeResult } from './probes.ts'
import type { ContainerRuntime } from './runtime.ts'
import type { WorkerContext } from './worker.ts'

interface HookTarget {
  readonly runtime: ContainerRuntime
  readonly pod: Pod
  readonly container: Container
  readonly id: string
  readonly podIp: string | undefined
  readonly timeoutMs: number
}

/** Runs a postStart or preStop hook to its end or its time-out; never rejects. */
export async function runHook(hook: LifecycleHandler, target: HookTarget): Promise<ProbeResult> {
  if (hook.sleep) {
    await sleep(Math.min(hook.sleep.seconds * 1000, target.timeoutMs))
    return { ok: true, output: '' }
  }
  return probeRunner(target.runtime, target.pod, target.container, target.id, () => target.podIp)(hook, target.timeoutMs)
}

/** Kubelet leaves a container this long after a preStop hook that used up the whole grace period. */
const leastGraceSeconds = 2

interface Kill {
  readonly context: WorkerContext
  readonly pod: Pod
  readonly action: Extract<Action, { do: 'kill' }>
  readonly graceSeconds: number
  readonly podIp: string | undefined
  /** False when the hook has already run, or runs. */
  readonly hook: boolean
}

/** preStop, then the container is asked to end, then it is killed: all within the grace period. */
export async function killContainer({ context, pod, action, graceSeconds, podIp, hook }: Kill): Promise<void> {
  const { runtime, clock, recorder } = context
  const { container, target } = action
  const preStop = container?.lifecycle?.preStop
  let left = graceSeconds
  if (hook && container && preStop && graceSeconds > 0 && !runtime.simulated) {
    const began = clock.now()
    const result = await runHook(preStop, { runtime, pod, container, id: target.id, podIp, timeoutMs: graceSeconds * 1000 })
    if (!result.ok) recorder.event(pod, 'Warning', 'FailedPreStopHook', `PreStopHook failed: ${result.output}`)
    left = Math.max(leastGraceSeconds, graceSeconds - Math.ceil((clock.now() - began) / 1000))
  }
  await runtime.stop(target.id, left)
}
