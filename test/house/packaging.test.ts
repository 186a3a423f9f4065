import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const require = createRequire(import.meta.url)
const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

describe('electron-builder.yml', () => {
  const config = parse(read('electron-builder.yml')) as Record<string, unknown>
  const validate = new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(readFileSync(require.resolve('app-builder-lib/scheme.json'), 'utf8')) as object)

  it("meets electron-builder's own schema", () => {
    validate(config)
    expect(validate.errors ?? []).toEqual([])
  })

  it('would be refused by that schema with a key that electron-builder does not know', () => {
    expect(validate({ ...config, notAKey: true })).toBe(false)
  })
})

describe('package.json', () => {
  const manifest = JSON.parse(read('package.json')) as { dependencies: Record<string, string>; devDependencies: Record<string, string> }

  it('pins exact versions', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(([, range]) => !/^\d+\.\d+\.\d+$/.test(range))
    expect(loose).toEqual([])
  })

  it('names no registry host in the lock file', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved": "http/)
  })
})
