import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { defaultDataDir } from '../../src-main/cli/directories.ts'
import { humanLine } from '../../src-main/cli/logger.ts'
import { type ServeArguments, withServeOptions } from '../../src-main/cli/options.ts'

const parse = (...args: string[]) =>
  withServeOptions(new Command().exitOverride().configureOutput({ writeErr: () => undefined })).parse(args, { from: 'user' }).opts<ServeArguments>()

describe('arguments', () => {
  it('have the defaults of a desktop', () => {
    expect(parse()).toMatchObject({ apiPort: 6443, runtime: 'auto', nodes: 1, simulatedNodes: 0, ephemeral: false, json: false })
  })

  it('name the files of the encryption key and of the audit log, which there are none of unless said', () => {
    expect(parse()).not.toHaveProperty('auditLog')
    expect(parse('--encryption-key-file', '/k', '--audit-log', '/a')).toMatchObject({ encryptionKeyFile: '/k', auditLog: '/a' })
  })

  it('refuse what is not a port, a count or a runtime', () => {
    expect(() => parse('--api-port', '70000')).toThrow('whole number from 0 to 65535')
    expect(() => parse('--nodes', '-1')).toThrow('whole number')
    expect(() => parse('--runtime', 'podman')).toThrow('Allowed choices')
  })

  it("put data where the platform's apps put theirs", () => {
    expect(defaultDataDir('linux', {}, '/home/a')).toBe('/home/a/.local/share/wheelhouse/default')
    expect(defaultDataDir('linux', { XDG_DATA_HOME: '/x' }, '/home/a')).toBe('/x/wheelhouse/default')
    expect(defaultDataDir('darwin', {}, '/Users/a')).toBe('/Users/a/Library/Application Support/wheelhouse/default')
  })
})

it('shows a log line with its facts', () => {
  expect(humanLine('{"level":40,"time":0,"key":"default/web","msg":"reconcile failed"}')).toBe('00:00:00 warn  reconcile failed key=default/web\n')
})
