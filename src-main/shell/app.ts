import { join } from 'node:path'
import { app, type BrowserWindow, dialog, shell } from 'electron'
import { Command } from 'commander'
import { createLogger } from '../cli/logger.ts'
import { type ServeArguments, withServeOptions } from '../cli/options.ts'
import { runClusterProcess } from './cluster-process.ts'
import { serveCommands } from './ipc.ts'
import { installMenu } from './menu.ts'
import { createTray } from './tray.ts'
import { createWindow } from './windows.ts'

/** Files beside the bundle of the main process. */
export interface ShellFiles {
  readonly host: string
  readonly preload: string
  readonly rendererDir: string
  readonly resourcesDir: string
  readonly icon: string
}

function parseArguments(argv: readonly string[]): ServeArguments {
  // a packaged app gets its own arguments at once, a started folder after the folder's name
  const own = argv.slice(app.isPackaged ? 1 : 2)
  const command = withServeOptions(new Command('wheelhouse')).allowUnknownOption().allowExcessArguments()
  return command.parse(own, { from: 'user' }).opts<ServeArguments>()
}

/** Window, tray, menu and the life of the cluster's process: one instance, closed only by Quit. */
export function runShell(files: ShellFiles, argv: readonly string[]): void {
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  const { json, ...options } = parseArguments(argv)
  const log = createLogger({ dataDir: options.dataDir, json, verbose: false })
  void app.whenReady().then(() => {
    const cluster = runClusterProcess(files.host, { ...options, rendererDir: files.rendererDir, resourcesDir: files.resourcesDir }, log)
    let window: BrowserWindow | undefined

    // the sign-in URL works once; after that the window's own cookie counts
    let signedIn: string | undefined
    const load = () => {
      const url = cluster.dashboard
      if (!url || !window) return
      void window.loadURL(signedIn === url ? new URL('/', url).href : url)
      signedIn = url
    }
    const open = () => {
      if (!window || window.isDestroyed()) {
        window = createWindow(files.preload, () => cluster.dashboard)
        load()
      }
      window.show()
      window.focus()
    }
    const showKubeconfig = () => {
      if (cluster.state.phase === 'ready') shell.showItemInFolder(cluster.state.kubeconfig)
    }
    serveCommands(cluster)
    installMenu({ showKubeconfig, restartCluster: cluster.restart })
    const showInTray = createTray(files.icon, { open, quit: () => app.quit() })
    cluster.onState((state) => {
      showInTray(state)
      if (state.phase === 'ready') {
        if (window && !window.isDestroyed()) load()
        else open()
      }
      if (state.phase === 'failed') dialog.showErrorBox('The cluster cannot start', state.message)
      if (window && !window.isDestroyed()) window.webContents.send('cluster:state', state)
    })
    app.on('second-instance', open)
    app.on('activate', open)
    // the cluster goes on without a window; Quit in the tray or the menu ends it
    app.on('window-all-closed', () => undefined)
    let stopped = false
    app.on('before-quit', (event) => {
      if (stopped) return
      event.preventDefault()
      void cluster.stop().finally(() => {
        stopped = true
        app.quit()
      })
    })
  })
}

export const filesBeside = (dir: string): ShellFiles => ({
  host: join(dir, 'host.js'),
  preload: join(dir, '../preload/preload.cjs'),
  rendererDir: join(dir, '../renderer'),
  // the engine is handed files from here, so they lie outside the archive of a packaged app
  resourcesDir: join(dir, '../../resources').replace('app.asar', 'app.asar.unpacked'),
  icon: join(dir, '../../resources/icons/tray.png'),
})
