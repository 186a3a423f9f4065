import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

/** One command and what it is expected to say, on either stream. */
export interface Row {
  /** Without `kubectl`; single quotes keep words together. */
  readonly run: string
  readonly says?: string | RegExp | ReadonlyArray<string | RegExp>
  readonly never?: string
  /** It ends with an error. */
  readonly fails?: true
  readonly input?: string
  /** A file that the command may name, laid beside it. */
  readonly files?: Readonly<Record<string, string>>
  /** The first and the last minor version of kubectl that know the command so. */
  readonly since?: number
  readonly until?: number
  /** It is run again until it says so. */
  readonly waits?: true
  /** What an editor does with the file it is given, as sed writes it. */
  readonly edits?: string
}

export interface Outcome {
  readonly code: number
  readonly text: string
}

export type Kubectl = (args: readonly string[], more?: { input?: string; env?: NodeJS.ProcessEnv }) => Promise<Outcome>

/** Runs a kubectl in `folder` against the cluster of the kubeconfig, with a home of its own. */
export const kubectlIn = (program: string, folder: string, kubeconfig: string): Kubectl => (args, { input, env } = {}) =>
  new Promise((resolve) => {
    const home = join(folder, 'home')
    mkdirSync(home, { recursive: true })
    const child = execFile(program, args, {
      cwd: folder, timeout: 60_000, maxBuffer: 64 * 2 ** 20,
      env: { ...process.env, HOME: home, KUBECONFIG: kubeconfig, ...env },
    }, (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) : 0, text: stdout + stderr }))
    child.stdin?.end(input ?? '')
  })

const wordsOf = (run: string): string[] => (run.match(/(?:[^\s']|'[^']*')+/g) ?? []).map((word) => word.replaceAll("'", ''))

/** Runs the row, and fails with everything that was said when it is not what was expected. */
export async function check(kubectl: Kubectl, row: Row, folder: string): Promise<void> {
  for (const [name, text] of Object.entries(row.files ?? {})) writeFileSync(join(folder, name), text)
  const env = row.edits === undefined ? {} : { KUBE_EDITOR: `sed -i -e '${row.edits}'` }
  const end = performance.now() + (row.waits ? 30_000 : 0)
  for (;;) {
    const { code, text } = await kubectl(wordsOf(row.run), { input: row.input, env })
    const wrong = complaint(row, code, text)
    if (wrong === undefined) break
    if (performance.now() > end) expect.fail(`kubectl ${row.run}\n${wrong}; it said (${code}):\n${text}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  for (const name of Object.keys(row.files ?? {})) if (!name.endsWith('.keep.yaml')) rmSync(join(folder, name))
}

function complaint({ says = [], never, fails }: Row, code: number, text: string): string | undefined {
  if ((code !== 0) !== (fails ?? false)) return fails ? 'it should have failed' : 'it failed'
  if (never !== undefined && text.includes(never)) return `it said ${JSON.stringify(never)}`
  const missing = [says].flat().find((each) => (typeof each === 'string' ? !text.includes(each) : !each.test(text)))
  return missing === undefined ? undefined : `it did not say ${String(missing)}`
}
