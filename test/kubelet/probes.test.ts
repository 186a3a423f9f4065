import { describe, expect, it } from 'vitest'
import type { Container } from '../../src-main/kinds/generated/types.ts'
import { portNumber, Prober } from '../../src-main/kubelet/probes.ts'
import { fakeClock } from '../fixtures/fake-clock.ts'

function probed(container: Partial<Container>, answers: Record<string, boolean>) {
  const clock = fakeClock()
  const asked: Array<[number, string]> = []
  const unhealthy: string[] = []
  const began = clock.now()
  const prober = new Prober({ name: 'main', image: 'a', ...container }, {
    clock, containerId: 'c1', startedAt: began, changed: () => undefined,
    run: async (probe) => {
      const what = probe.exec?.command?.[0] ?? ''
      asked.push([(clock.now() - began) / 1000, what])
      return { ok: answers[what] ?? false, output: `${what} said no` }
    },
    unhealthy: (kind, output) => void unhealthy.push(`${kind}: ${output}`),
  })
  return {
    prober, asked, unhealthy, answers,
    /** Second by second, so that each answer is heard before time goes on. */
    async pass(seconds: number) {
      for (let i = 0; i < seconds; i++) {
        clock.advance(i === 0 ? 0 : 1000)
        for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      }
    },
  }
}
const probe = (name: string, more: object = {}) => ({ exec: { command: [name] }, periodSeconds: 1, ...more })

describe('probes', () => {
  it('start after the delay and come again every period', async () => {
    const { asked, pass } = probed({ readinessProbe: probe('r', { initialDelaySeconds: 3, periodSeconds: 2 }) }, { r: true })
    await pass(9)
    expect(asked.map(([at]) => at)).toEqual([3, 5, 7])
  })

  it('turn readiness only after as many results in a row as the thresholds say', async () => {
    const p = probed({ readinessProbe: probe('r', { successThreshold: 2, failureThreshold: 3 }) }, { r: true })
    expect(p.prober.state.ready).toBe(false)
    await p.pass(1)
    expect(p.prober.state.ready).toBe(false)
    await p.pass(2)
    expect(p.prober.state.ready).toBe(true)
    p.answers['r'] = false
    await p.pass(3)
    expect(p.prober.state.ready).toBe(true)
    await p.pass(2)
    expect(p.prober.state.ready).toBe(false)
    expect(p.unhealthy.length).toBeGreaterThanOrEqual(3)
  })

  it('hold readiness and liveness back until the startup probe has succeeded', async () => {
    const p = probed({ startupProbe: probe('s', { failureThreshold: 30 }), livenessProbe: probe('l'), readinessProbe: probe('r') }, { s: false, l: true, r: true })
    await p.pass(5)
    expect(new Set(p.asked.map(([, what]) => what))).toEqual(new Set(['s']))
    expect(p.prober.state.started).toBe(false)
    p.answers['s'] = true
    await p.pass(4)
    expect(p.prober.state).toMatchObject({ started: true, ready: true })
    expect(p.asked.filter(([, what]) => what === 's').length).toBeLessThan(p.asked.length)
  })

  it('give a container up when liveness or startup fails often enough, and then ask no more', async () => {
    for (const kind of ['liveness', 'startup'] as const) {
      const p = probed({ [`${kind}Probe`]: probe('x', { failureThreshold: 2 }) }, { x: false })
      await p.pass(10)
      expect(p.prober.state.unhealthy).toBe(`Container main failed ${kind} probe, will be restarted`)
      expect(p.asked.length).toBe(2)
    }
  })

  it('say nothing once stopped', async () => {
    const p = probed({ readinessProbe: probe('r') }, { r: true })
    p.prober.stop()
    await p.pass(5)
    expect(p.asked).toEqual([])
    expect(p.prober.state.ready).toBe(false)
  })

  it('find a port by the name that the container gave it', () => {
    const container: Container = { name: 'main', image: 'a', ports: [{ name: 'http', containerPort: 8080 }] }
    expect([portNumber('http', container), portNumber(9, container), portNumber('81', container), portNumber('none', container)]).toEqual([8080, 9, 81, undefined])
  })
})
