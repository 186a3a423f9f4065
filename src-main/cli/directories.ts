import { homedir } from 'node:os'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Where a platform's apps keep a user's data: XDG, Application Support, AppData. */
export function defaultDataDir(platform: string = process.platform, env: Environment = process.env, home = homedir()): string {
  const base =
    platform === 'darwin' ? join(home, 'Library', 'Application Support')
    : platform === 'win32' ? (env['APPDATA'] ?? join(home, 'AppData', 'Roaming'))
    : (env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'))
  return join(base, 'wheelhouse', 'default')
}

/** Where they keep what can be made again. */
export function cacheDir(platform: string = process.platform, env: Environment = process.env, home = homedir()): string {
  const base =
    platform === 'darwin' ? join(home, 'Library', 'Caches')
    : platform === 'win32' ? (env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'))
    : (env['XDG_CACHE_HOME'] ?? join(home, '.cache'))
  return join(base, 'wheelhouse')
}
