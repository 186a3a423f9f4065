import { contextBridge, ipcRenderer } from 'electron'
import { type Bridge, commandNames, notificationNames } from './contract.ts'

/** Only the names of the contract pass: a page that was taken over cannot reach other channels. */
const bridge: Bridge = {
  invoke: (name, ...args) => {
    if (!commandNames.includes(name)) return Promise.reject(new Error(`no such command: ${name}`))
    return ipcRenderer.invoke(name, ...args)
  },
  on: (name, listener) => {
    if (!notificationNames.includes(name)) throw new Error(`no such notification: ${name}`)
    const deliver = (_event: unknown, value: Parameters<typeof listener>[0]) => listener(value)
    ipcRenderer.on(name, deliver)
    return () => ipcRenderer.off(name, deliver)
  },
}

contextBridge.exposeInMainWorld('wheelhouse', bridge)
