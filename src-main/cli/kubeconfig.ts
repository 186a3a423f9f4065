import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The kubeconfig that the cluster of this data directory wrote; throws a sentence when it never started. */
export function readKubeconfig(dataDir: string): string {
  const file = join(dataDir, 'kubeconfig')
  if (!existsSync(file)) {
    throw new Error(`There is no ${file}: start the cluster once with "wheelhouse serve --data-dir ${dataDir}".`)
  }
  return readFileSync(file, 'utf8')
}
