import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Which rooms a room may import from, besides itself. `*` is every room. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  kinds: ['base'],
  store: ['base'],
  api: ['store', 'kinds', 'base'],
  client: ['kinds', 'base'],
  controllers: ['client', 'kinds', 'base'],
  scheduler: ['client', 'kinds', 'base'],
  kubelet: ['client', 'kinds', 'base'],
  proxy: ['client', 'kinds', 'base'],
  dns: ['client', 'kinds', 'base'],
  dashboard: ['api', 'kinds', 'base'],
  'cluster.ts': ['*'],
  cluster: ['*'],
  cli: ['cluster.ts', 'base'],
  shell: ['cluster.ts', 'cli', 'base'],
  'index.ts': ['shell'],
}

/** Packages that belong to one place. */
const owners: ReadonlyArray<{ module: RegExp; files: RegExp }> = [
  { module: /^electron$/, files: /^src-main\/(shell\/|index\.ts)/ },
  { module: /^better-sqlite3$/, files: /^src-main\/store\// },
  { module: /^dockerode$/, files: /^src-main\/kubelet\/docker[\w-]*\.ts$/ },
]

const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|vue)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))

interface Import { from: string; typeOnly: boolean }

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found: Import[] = []
  for (const match of text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)) {
    found.push({ from: match[2] ?? '', typeOnly: match[1] !== undefined })
  }
  for (const match of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) found.push({ from: match[1] ?? '', typeOnly: false })
  return found
}

const roomOf = (path: string): string => path.split('/')[1] ?? ''
const resolve = (file: string, from: string): string => join(dirname(file), from).split(sep).join('/')

describe('the house', () => {
  it('lets imports go one way between the rooms of src-main', () => {
    const wrong = sources('src-main').flatMap((file) =>
      importsOf(file)
        .filter(({ from }) => from.startsWith('.'))
        .map(({ from }) => resolve(file, from))
        .filter((target) => target.startsWith('src-main/') && roomOf(target) !== roomOf(file))
        .filter((target) => {
          const allowed = mayImport[roomOf(file)]
          return !allowed || !(allowed.includes('*') || allowed.includes(roomOf(target)))
        })
        .map((target) => `${file} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('gives electron, SQLite and Docker to one room each', () => {
    const wrong = [...sources('src-main'), ...sources('src-renderer')].flatMap((file) =>
      importsOf(file)
        .filter(({ from }) => owners.some(({ module, files }) => module.test(from) && !files.test(file)))
        .map(({ from }) => `${file} imports ${from}`),
    )
    expect(wrong).toEqual([])
  })

  it('keeps base and kinds free of I/O', () => {
    const io = /^node:(fs|net|http|https|child_process|worker_threads|dgram|tls)/
    const wrong = [...sources('src-main/base'), ...sources('src-main/kinds')].flatMap((file) =>
      importsOf(file).filter(({ from }) => io.test(from)).map(({ from }) => `${file} imports ${from}`),
    )
    expect(wrong).toEqual([])
  })

  it('lets the renderer import only types, and only of the contract and the kinds', () => {
    const wrong = sources('src-renderer').flatMap((file) =>
      importsOf(file)
        .filter(({ from }) => from.startsWith('.'))
        .map((each) => ({ ...each, target: resolve(file, each.from) }))
        .filter(({ target }) => target.startsWith('src-main/'))
        .filter(({ target, typeOnly }) => !typeOnly || !/^src-main\/(shell\/contract\.ts|kinds\/)/.test(target))
        .map(({ target }) => `${file} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('lets only the bridge look at what the preload script put on window', () => {
    const wrong = sources('src-renderer').filter(
      (file) => file !== 'src-renderer/api/bridge.ts' && /window\.wheelhouse/.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(wrong).toEqual([])
  })

  it('silences no check', () => {
    const marks = /@ts-(ignore|nocheck|expect-error)|eslint-disable|\bas any\b|\b(it|describe|test)\.(only|todo)\b/
    const wrong = [...sources('src-main'), ...sources('src-renderer'), ...sources('test')].filter(
      (file) => !file.endsWith('architecture.test.ts') && marks.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(wrong).toEqual([])
  })
})
