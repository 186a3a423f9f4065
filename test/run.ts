/**
 * The one test command: provisions the real parts where it may, builds, runs every suite, names what was skipped and
 * why, and ends with `N passed, M failed, K skipped`. With CI=true a skipped suite fails the run.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const cache = join(root, 'test/.cache')
mkdirSync(cache, { recursive: true })

interface JsonReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numFailedTestSuites: number
  testResults: Array<{ name: string; status: string; message: string; assertionResults: Array<{ status: string; ancestorTitles: string[]; title: string }> }>
}

function run(title: string, command: string, args: readonly string[]): number {
  process.stdout.write(`\n== ${title}\n`)
  return spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status ?? 1
}

function vitest(projects: readonly string[]): JsonReport | undefined {
  const file = join(cache, `${projects.join('-')}.json`)
  rmSync(file, { force: true })
  const selected = projects.flatMap((project) => ['--project', project])
  run(projects.join(', '), process.execPath, [
    join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...selected, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`,
  ])
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JsonReport
  } catch {
    return undefined
  }
}

let passed = 0
let failed = 0
const skipped = new Set<string>()

run('provision', 'bash', [join(root, 'test/provision.sh')])
const tool = (path: string) => join(root, 'node_modules', path)
for (const [title, args] of [
  ['generated kinds are up to date', [join(root, 'resources/kinds/generate.ts'), '--check']],
  ['build', [tool('electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'warn']],
  ['types', [tool('vue-tsc/bin/vue-tsc.js'), '--noEmit']],
  ['lint', [tool('eslint/bin/eslint.js'), '.', '--max-warnings', '0']],
  ['dead code', [tool('knip/bin/knip.js')]],
] as const) {
  if (run(title, process.execPath, args) === 0) passed++
  else failed++
}
for (const projects of [['unit', 'renderer'], ['real'], ['e2e']]) {
  const report = vitest(projects)
  if (!report) {
    process.stdout.write(`The suites ${projects.join(', ')} gave no report.\n`)
    failed++
    continue
  }
  passed += report.numPassedTests
  failed += report.numFailedTests
  for (const suite of report.testResults) {
    // a file that cannot be loaded has no tests to fail
    if (suite.status === 'failed' && suite.assertionResults.length === 0) failed++
    for (const test of suite.assertionResults) {
      if (['pending', 'skipped', 'todo'].includes(test.status)) skipped.add(test.ancestorTitles[0] ?? test.title)
    }
  }
}
for (const title of skipped) process.stdout.write(`skipped: ${title}\n`)
process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped.size} skipped\n`)
process.exitCode = failed > 0 || passed === 0 || (process.env['CI'] === 'true' && skipped.size > 0) ? 1 : 0
