import { Menu, nativeImage, Tray } from 'electron'
import { assertNever } from '../base/assert.ts'
import type { ClusterState } from './contract.ts'

/** One sentence about the cluster for the tray and its tooltip. */
export function describe(state: ClusterState): string {
  switch (state.phase) {
    case 'starting':
      return 'The cluster is starting'
    case 'ready':
      return `The cluster is ready at ${state.api}`
    case 'failed':
      return `The cluster cannot start: ${state.message}`
    case 'stopped':
      return 'The cluster is stopped'
    default:
      return assertNever(state)
  }
}

export function createTray(icon: string, actions: { open(): void; quit(): void }): (state: ClusterState) => void {
  const tray = new Tray(nativeImage.createFromPath(icon))
  tray.on('click', actions.open)
  return (state) => {
    tray.setToolTip(describe(state))
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: describe(state), enabled: false },
        { type: 'separator' },
        { label: 'Open Wheelhouse', click: actions.open },
        { label: 'Quit', click: actions.quit },
      ]),
    )
  }
}
