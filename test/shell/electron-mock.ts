import { EventEmitter } from 'node:events'
import { vi } from 'vitest'

/** Stands in for the parts of electron that the shell uses; tests look at what was called. */
export class FakeProcess extends EventEmitter {
  readonly pid = 4242
  readonly postMessage = vi.fn()
  readonly kill = vi.fn(() => this.emit('exit', 0))
}

export const processes: FakeProcess[] = []
export const handlers = new Map<string, (event: unknown, ...args: unknown[]) => unknown>()
export const exposed: Record<string, unknown> = {}
export const openedExternally: string[] = []
export const shownInFolder: string[] = []
export const windows: FakeWindow[] = []

class FakeWindow extends EventEmitter {
  readonly webContents = Object.assign(new EventEmitter(), {
    send: vi.fn(),
    reload: vi.fn(),
    setWindowOpenHandler: vi.fn(),
    session: { setPermissionRequestHandler: vi.fn() },
  })
  readonly loadURL = vi.fn(() => Promise.resolve())
  readonly show = vi.fn()
  readonly focus = vi.fn()
  readonly options: { webPreferences: Record<string, unknown> }
  constructor(options: { webPreferences: Record<string, unknown> }) {
    super()
    this.options = options
    windows.push(this)
  }
  isDestroyed = () => false
}

export const electron = {
  utilityProcess: {
    fork: () => {
      const child = new FakeProcess()
      processes.push(child)
      return child
    },
  },
  ipcMain: { handle: (name: string, handler: (event: unknown, ...args: unknown[]) => unknown) => handlers.set(name, handler) },
  ipcRenderer: Object.assign(new EventEmitter(), { invoke: vi.fn(() => Promise.resolve('answer')) }),
  contextBridge: { exposeInMainWorld: (name: string, value: unknown) => (exposed[name] = value) },
  shell: { openExternal: (url: string) => Promise.resolve(openedExternally.push(url)), showItemInFolder: (path: string) => shownInFolder.push(path) },
  BrowserWindow: FakeWindow,
}
