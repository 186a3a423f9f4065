import { BrowserWindow, shell } from 'electron'

/** Chromium's ERR_NETWORK_CHANGED. */
const networkChanged = -21

/** Whether a page of the dashboard asks, and not something it was led to. */
export function sameOrigin(url: string, dashboard: string | undefined): boolean {
  return dashboard !== undefined && URL.canParse(url) && new URL(url).origin === new URL(dashboard).origin
}

/** Web pages may be opened in the person's browser; no other protocol may be started from the page. */
export function openExternal(url: string): void {
  if (URL.canParse(url) && ['https:', 'http:'].includes(new URL(url).protocol)) void shell.openExternal(url)
}

/** The window: a sandboxed page of the dashboard's own origin that can navigate nowhere else. */
export function createWindow(preload: string, dashboard: () => string | undefined): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 900,
    minHeight: 600,
    show: false,
    title: 'Wheelhouse',
    backgroundColor: '#0d1117',
    webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false },
  })
  window.once('ready-to-show', () => window.show())
  window.webContents.on('will-navigate', (event, url) => {
    if (sameOrigin(url, dashboard())) return
    event.preventDefault()
    openExternal(url)
  })
  window.webContents.on('did-fail-load', (_event, code) => {
    // containers that come and go change the machine's interfaces, and Chromium then drops what it is loading
    if (code === networkChanged) window.webContents.reload()
  })
  window.webContents.setWindowOpenHandler(({ url }) => {
    openExternal(url)
    return { action: 'deny' }
  })
  window.webContents.session.setPermissionRequestHandler((_contents, permission, decide) => decide(permission === 'clipboard-sanitized-write'))
  return window
}
