import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silent } from '../../src-main/base/log.ts'
import { runClusterProcess } from '../../src-main/shell/cluster-process.ts'
import { type Bridge, commandNames, type HostOptions } from '../../src-main/shell/contract.ts'
import { serveCommands } from '../../src-main/shell/ipc.ts'
import { describe as sentence } from '../../src-main/shell/tray.ts'
import { createWindow } from '../../src-main/shell/windows.ts'
import { electron, exposed, handlers, openedExternally, processes, shownInFolder, windows } from './electron-mock.ts'

vi.mock('electron', async () => (await import('./electron-mock.ts')).electron)

const options: HostOptions = {
  dataDir: '/data', apiPort: 0, dashboardPort: 0, runtime: 'auto', nodes: 1, simulatedNodes: 0, ephemeral: false, rendererDir: '/renderer', resourcesDir: '/resources',
}
const ready = { type: 'ready', api: 'https://127.0.0.1:6443', kubeconfig: '/data/kubeconfig', dashboard: 'http://127.0.0.1:7443/?token=t', notices: [] }

const startReady = () => {
  const cluster = runClusterProcess('/out/host.js', options, silent)
  const child = processes.at(-1)!
  child.emit('spawn')
  child.emit('message', ready)
  return { cluster, child }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  processes.length = 0
})

describe("the cluster's process", () => {
  it('is told its options once it runs, and tells when it is ready', () => {
    const { cluster, child } = startReady()
    expect(child.postMessage).toHaveBeenCalledWith({ type: 'start', options })
    expect(cluster.state).toMatchObject({ phase: 'ready', api: ready.api })
    expect(cluster.dashboard).toBe(ready.dashboard)
  })

  it('is started again after a crash, later each time', () => {
    const { cluster, child } = startReady()
    child.emit('exit', 1)
    vi.advanceTimersByTime(1000)
    expect(processes).toHaveLength(2)
    expect(cluster.state.phase).toBe('starting')
    processes[1]!.emit('exit', 1)
    vi.advanceTimersByTime(1000)
    expect(processes).toHaveLength(2)
    vi.advanceTimersByTime(1000)
    expect(processes).toHaveLength(3)
  })

  it('is asked to stop and not started again', async () => {
    const { cluster, child } = startReady()
    const stopped = cluster.stop()
    expect(child.postMessage).toHaveBeenLastCalledWith({ type: 'stop' })
    child.emit('exit', 0)
    await stopped
    vi.advanceTimersByTime(60_000)
    expect(processes).toHaveLength(1)
    expect(cluster.state.phase).toBe('stopped')
  })

  it('is killed when it does not stop within its deadline', async () => {
    const { cluster, child } = startReady()
    const stopped = cluster.stop()
    vi.advanceTimersByTime(20_000)
    await stopped
    expect(child.kill).toHaveBeenCalled()
  })

  it('says why a cluster cannot start', () => {
    const cluster = runClusterProcess('/out/host.js', options, silent)
    processes.at(-1)!.emit('message', { type: 'failed', message: 'the database is damaged' })
    expect(cluster.state).toEqual({ phase: 'failed', message: 'the database is damaged' })
    expect(sentence(cluster.state)).toBe('The cluster cannot start: the database is damaged')
  })
})

describe('commands from the page', () => {
  const from = (url: string) => ({ senderFrame: { url } })

  it('are answered for the dashboard and for nobody else', () => {
    const { cluster } = startReady()
    serveCommands(cluster)
    expect([...handlers.keys()].sort()).toEqual([...commandNames].sort())
    const state = handlers.get('cluster:state')!
    expect(state(from('http://127.0.0.1:7443/pods'))).toMatchObject({ phase: 'ready' })
    expect(() => state(from('http://127.0.0.1:9999/'))).toThrow('refused')
    expect(() => state(from('file:///etc/passwd'))).toThrow('refused')
  })

  it('are refused with arguments that the contract does not have', () => {
    const { cluster } = startReady()
    serveCommands(cluster)
    const open = handlers.get('app:open-external')!
    expect(() => open(from(ready.dashboard), 'not a url')).toThrow()
    expect(() => open(from(ready.dashboard))).toThrow()
  })

  it('open web pages only, never files or programs', () => {
    const { cluster } = startReady()
    serveCommands(cluster)
    openedExternally.length = 0
    const open = handlers.get('app:open-external')!
    open(from(ready.dashboard), 'https://kubernetes.io/docs')
    open(from(ready.dashboard), 'file:///etc/passwd')
    expect(openedExternally).toEqual(['https://kubernetes.io/docs'])
    handlers.get('app:show-kubeconfig')!(from(ready.dashboard))
    expect(shownInFolder).toEqual(['/data/kubeconfig'])
  })
})

describe('the window', () => {
  it('is sandboxed, isolated and without Node', () => {
    createWindow('/preload.cjs', () => ready.dashboard)
    expect(windows.at(-1)!.options.webPreferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false })
  })

  it('does not leave the dashboard', () => {
    openedExternally.length = 0
    createWindow('/preload.cjs', () => ready.dashboard)
    const contents = windows.at(-1)!.webContents
    const away = { preventDefault: vi.fn() }
    contents.emit('will-navigate', away, 'https://example.com/')
    expect(away.preventDefault).toHaveBeenCalled()
    expect(openedExternally).toEqual(['https://example.com/'])
    const home = { preventDefault: vi.fn() }
    contents.emit('will-navigate', home, 'http://127.0.0.1:7443/nodes')
    expect(home.preventDefault).not.toHaveBeenCalled()
  })
})

describe('the window, when containers change the network', () => {
  it('loads again what Chromium dropped, and nothing else', () => {
    createWindow('/preload.cjs', () => ready.dashboard)
    const contents = windows.at(-1)!.webContents
    contents.emit('did-fail-load', {}, -6)
    expect(contents.reload).not.toHaveBeenCalled()
    contents.emit('did-fail-load', {}, -21)
    expect(contents.reload).toHaveBeenCalledOnce()
  })
})

describe('the preload script', () => {
  it('passes the names of the contract and no others', async () => {
    await import('../../src-main/shell/preload.ts')
    const bridge = exposed['wheelhouse'] as Bridge
    await expect(bridge.invoke('cluster:state')).resolves.toBe('answer')
    await expect(bridge.invoke('shell:run' as 'cluster:state')).rejects.toThrow('no such command')
    expect(() => bridge.on('anything' as 'cluster:state', () => undefined)).toThrow('no such notification')
    const states: unknown[] = []
    const off = bridge.on('cluster:state', (state) => states.push(state))
    electron.ipcRenderer.emit('cluster:state', {}, { phase: 'stopped' })
    off()
    electron.ipcRenderer.emit('cluster:state', {}, { phase: 'starting' })
    expect(states).toEqual([{ phase: 'stopped' }])
  })
})
