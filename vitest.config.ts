import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const only = (name: string, include: string[], more: object = {}) => ({
  plugins: [vue()],
  test: { name, include, pool: 'forks' as const, ...more },
})

/** unit: no engine, no browser. renderer: components in happy-dom. real: a Docker engine, kubectl, root's network. e2e: a browser too. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      only('unit', ['test/{base,kinds,store,api,client,controllers,scheduler,kubelet,proxy,dns,dashboard,cli,shell,house,conformance}/**/*.test.ts']),
      only('renderer', ['test/renderer/**/*.test.ts'], { environment: 'happy-dom' }),
      only('real', ['test/{kubelet,proxy,dns,cli,client,clients,store}/**/*.real.ts', 'test/kubectl/**/*.real.ts'], { fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 }),
      only('e2e', ['test/e2e/**/*.e2e.ts'], { fileParallelism: false, testTimeout: 300_000, hookTimeout: 120_000 }),
    ],
  },
})
