import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import type { Logger } from '../base/log.ts'

const levels: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' }

/** One JSON line of pino as a person reads it: `12:03:04 warn  reconcile failed key=default/web`. */
export function humanLine(json: string): string {
  const { level, time, msg, ...fields } = JSON.parse(json) as { level: number; time: number; msg: string }
  const facts = Object.entries(fields).map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return `${new Date(time).toISOString().slice(11, 19)} ${(levels[level] ?? '').padEnd(5)} ${msg}${facts.join('')}\n`
}

/**
 * Logs everything to `<dataDir>/logs/wheelhouse.log` as JSON lines, and warnings (or everything, when `verbose`) to
 * standard error: as JSON lines or for a person.
 */
export function createLogger(options: { dataDir: string; json: boolean; verbose: boolean }): Logger {
  const folder = join(options.dataDir, 'logs')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = createWriteStream(join(folder, 'wheelhouse.log'), { flags: 'a', mode: 0o600 })
  const toPerson = { write: (line: string) => process.stderr.write(options.json ? line : humanLine(line)) }
  const logger = pino(
    { base: null, level: options.verbose ? 'debug' : 'info' },
    pino.multistream([
      { level: 'debug', stream: file },
      { level: options.verbose ? 'debug' : 'warn', stream: toPerson },
    ]),
  )
  return adapt(logger)
}

function adapt(logger: pino.Logger): Logger {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    with: (fields) => adapt(logger.child(fields)),
  }
}
