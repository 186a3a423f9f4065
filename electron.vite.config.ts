import { execFileSync } from 'node:child_process'
import { builtinModules } from 'node:module'
import { resolve } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

// Everything but native code is bundled: one file to load starts several times faster than a thousand.
const external = ['electron', 'better-sqlite3', 'cpu-features', ...builtinModules, ...builtinModules.map((m) => `node:${m}`)]

/** The dashboard's listener serves pages at paths of their own, so assets are named from the root; the preset says `./`. */
const assetsFromRoot = { name: 'assets-from-root', enforce: 'post' as const, config: () => ({ base: '/' }) }

/** What `kubectl version` tells of the server: the commit it was built from, and when that was made; zeros outside a repository. */
function commit(): { readonly id: string; readonly date: string } {
  try {
    const [id = '', date = ''] = execFileSync('git', ['log', '-1', '--format=%H %cI'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split(' ')
    return { id, date: new Date(date).toISOString().replace(/\.\d+Z$/, 'Z') }
  } catch {
    return { id: '0'.repeat(40), date: '1970-01-01T00:00:00Z' }
  }
}

export default defineConfig({
  main: {
    define: { WHEELHOUSE_COMMIT: JSON.stringify(commit()) },
    build: {
      externalizeDeps: false,
      target: 'node24',
      sourcemap: true,
      rollupOptions: {
        external: [...external, /\.node$/],
        input: {
          index: resolve('src-main/index.ts'),
          cli: resolve('src-main/cli/main.ts'),
          serve: resolve('src-main/cli/serve.ts'),
          host: resolve('src-main/shell/host.ts'),
          writer: resolve('src-main/store/writer.ts'),
          'yaml-worker': resolve('src-main/api/yaml-worker.ts'),
          'large-worker': resolve('src-main/api/large-worker.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      rollupOptions: {
        external: ['electron'],
        input: { preload: resolve('src-main/shell/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [vue(), tailwindcss(), assetsFromRoot],
    build: {
      target: 'chrome130',
      rollupOptions: { input: { index: resolve('src-renderer/index.html') } },
    },
  },
})
