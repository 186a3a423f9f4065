import { Menu, type MenuItemConstructorOptions } from 'electron'

/** The platform's standard menu plus what is ours. */
export function installMenu(actions: { showKubeconfig(): void; restartCluster(): void }): void {
  const mac: MenuItemConstructorOptions[] = process.platform === 'darwin' ? [{ role: 'appMenu' }] : []
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...mac,
      {
        label: 'Cluster',
        submenu: [
          { label: 'Show kubeconfig', click: actions.showKubeconfig },
          { label: 'Restart cluster', click: actions.restartCluster },
          { type: 'separator' },
          { role: 'quit' },
        ],
      },
      { role: 'editMenu' },
      { role: 'viewMenu' },
      { role: 'windowMenu' },
    ]),
  )
}
