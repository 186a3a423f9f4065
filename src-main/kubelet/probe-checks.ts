import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { errorMessage } from '../base/log.ts'
import type { Container, HTTPGetAction, Pod, Probe } from '../kinds/generated/types.ts'
import { portNumber, probeHost, type ProbeResult, type RunProbe } from './probes.ts'
import type { ContainerRuntime } from './runtime.ts'

/** Kubelet reads no more of an answer than this. */
const maxOutputBytes = 10 * 1024

/** How one container is asked; a container that is only pretended is always well. */
export function probeRunner(runtime: ContainerRuntime, pod: Pod, container: Container, containerId: string, podIp: () => string | undefined): RunProbe {
  if (runtime.simulated) return () => Promise.resolve({ ok: true, output: '' })
  return async (probe, timeoutMs) => {
    try {
      return await check(runtime, probe, pod, container, containerId, podIp(), timeoutMs)
    } catch (error) {
      return { ok: false, output: errorMessage(error) }
    }
  }
}

async function check(
  runtime: ContainerRuntime, probe: Probe, pod: Pod, container: Container, id: string, podIp: string | undefined, timeoutMs: number,
): Promise<ProbeResult> {
  if (probe.exec) return runInside(runtime, id, probe.exec.command ?? [], timeoutMs)
  const action = probe.httpGet ?? probe.tcpSocket ?? (probe.grpc ? { port: probe.grpc.port } : undefined)
  if (!action) return { ok: true, output: '' }
  const port = portNumber(action.port, container)
  if (port === undefined) return { ok: false, output: `unknown port: ${action.port}` }
  const host = probeHost(pod, 'host' in action ? action.host : undefined, podIp)
  return probe.httpGet ? httpGet(probe.httpGet, host, port, timeoutMs) : tcpConnect(host, port, timeoutMs)
}

/** Runs a command in a container and waits for its end. */
export async function runInside(runtime: ContainerRuntime, id: string, command: readonly string[], timeoutMs: number): Promise<ProbeResult> {
  const session = await runtime.exec(id, command, { tty: false, stdin: false })
  let output = ''
  const collect = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(0, maxOutputBytes))
  session.stdout.on('data', collect)
  session.stderr?.on('data', collect)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, timeoutMs, 'late')))
  const code = await Promise.race([session.exited, late])
  clearTimeout(timer)
  if (code !== 'late') return { ok: code === 0, output: output.trim() }
  session.close()
  return { ok: false, output: `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${timeoutMs / 1000}s` }
}

function httpGet(action: HTTPGetAction, host: string, port: number, timeoutMs: number): Promise<ProbeResult> {
  const secure = action.scheme === 'HTTPS'
  const path = action.path ?? '/'
  const url = `${secure ? 'https' : 'http'}://${host}:${port}${path.startsWith('/') ? path : `/${path}`}`
  const headers: Record<string, string> = { 'User-Agent': 'kube-probe/1.36', Accept: '*/*', Connection: 'close' }
  for (const { name = '', value = '' } of action.httpHeaders ?? []) headers[name] = value
  return new Promise((resolve) => {
    const options = { headers, agent: false, rejectUnauthorized: false, signal: AbortSignal.timeout(timeoutMs) }
    const request = (secure ? https : http).get(url, options, (response) => {
      const code = response.statusCode ?? 0
      response.destroy()
      const ok = code >= 200 && code < 400
      resolve({ ok, output: ok ? '' : `HTTP probe failed with statuscode: ${code}` })
    })
    request.on('error', (error) => {
      const late = error.name === 'TimeoutError' || error.name === 'AbortError'
      const cause = late ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' : dialError(host, port, error)
      resolve({ ok: false, output: `Get "${url}": ${cause}` })
    })
  })
}

function tcpConnect(host: string, port: number, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: timeoutMs })
    const end = (ok: boolean, output: string): void => {
      socket.destroy()
      resolve({ ok, output })
    }
    socket.on('connect', () => end(true, ''))
    socket.on('timeout', () => end(false, `dial tcp ${host}:${port}: i/o timeout`))
    socket.on('error', (error) => end(false, dialError(host, port, error)))
  })
}

/** In the words of Go's dialer, which people search for. */
function dialError(host: string, port: number, error: NodeJS.ErrnoException): string {
  const causes: Readonly<Record<string, string>> = { ECONNREFUSED: 'connect: connection refused', EHOSTUNREACH: 'connect: no route to host', ECONNRESET: 'read: connection reset by peer' }
  return `dial tcp ${host}:${port}: ${causes[error.code ?? ''] ?? error.message}`
}
