import { chmodSync, closeSync, fstatSync, openSync, write } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { errorMessage, type Logger } from '../base/log.ts'
import { counter, type Family } from '../base/metric-families.ts'

const writeTo = promisify(write)

export interface AuditOptions {
  readonly file: string
  readonly log: Logger
  /** Above this size the file becomes `<file>.1`, that one `<file>.2`, and so on: kube-apiserver's --audit-log-maxsize. */
  readonly maxBytes?: number
  /** How many old files stay: its --audit-log-maxbackup. */
  readonly backups?: number
}

const defaultMaxBytes = 100 * 1024 * 1024
const defaultBackups = 5
/** What may wait for a slow disk; more is lost, and counted. */
const waitingBytes = 16 * 1024 * 1024

/** Appends JSON lines to a file of its owner alone, in the background and in order. No request waits for it. */
export class AuditLog {
  readonly #file: string
  readonly #log: Logger
  readonly #maxBytes: number
  readonly #backups: number
  #fd: number
  #size: number
  #waiting: string[] = []
  #waitingBytes = 0
  #writing: Promise<void> | undefined
  #written = 0
  #requests = 0
  #lost = 0
  #closed = false

  /** Throws a sentence when the file cannot be written. */
  constructor({ file, log, maxBytes = defaultMaxBytes, backups = defaultBackups }: AuditOptions) {
    this.#file = file
    this.#log = log
    this.#maxBytes = maxBytes
    this.#backups = backups
    try {
      this.#fd = openPrivate(file)
    } catch (error) {
      throw new Error(`The audit log ${file} cannot be written: ${errorMessage(error)}. Choose another file with --audit-log.`, { cause: error })
    }
    this.#size = fstatSync(this.#fd).size
  }

  /** A request begins that will have events. */
  begin(): void {
    this.#requests++
  }

  write(event: object): void {
    if (this.#closed) return
    const line = `${JSON.stringify(event)}\n`
    if (this.#waitingBytes + line.length > waitingBytes) return this.#lose(1, 'the disk is too slow')
    this.#waiting.push(line)
    this.#waitingBytes += line.length
    this.#writing ??= this.#drain()
  }

  families(): Family[] {
    return [
      counter('apiserver_audit_event_total', 'Counter of audit events generated and sent to the audit backend.', this.#written),
      counter('apiserver_audit_level_total', 'Counter of policy levels for audit events (1 per request).', this.#requests, { level: 'Metadata' }),
      counter('apiserver_audit_error_total', 'Counter of audit events that failed to be audited properly.', this.#lost, { plugin: 'log' }),
    ]
  }

  /** Writes what waits, then releases the file. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    while (this.#writing) await this.#writing
    closeSync(this.#fd)
  }

  async #drain(): Promise<void> {
    // what this turn of the event loop still brings goes with the same write
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const lines = this.#waiting.splice(0)
      this.#waitingBytes = 0
      try {
        if (this.#size > this.#maxBytes) await this.#rotate()
        const bytes = Buffer.from(lines.join(''))
        for (let at = 0; at < bytes.length; ) at += (await writeTo(this.#fd, bytes, at)).bytesWritten
        this.#size += bytes.length
        this.#written += lines.length
      } catch (error) {
        this.#lose(lines.length, errorMessage(error))
      }
    }
    // in the same turn as the look above: a line that comes later begins anew
    this.#writing = undefined
  }

  async #rotate(): Promise<void> {
    await rm(`${this.#file}.${this.#backups}`, { force: true })
    for (let age = this.#backups; age > 0; age--) {
      await rename(age === 1 ? this.#file : `${this.#file}.${age - 1}`, `${this.#file}.${age}`).catch(unlessMissing)
    }
    const old = this.#fd
    this.#fd = openPrivate(this.#file)
    this.#size = fstatSync(this.#fd).size
    closeSync(old)
  }

  #lose(events: number, why: string): void {
    // a disk that stays full would otherwise fill the other log
    if (this.#lost === 0) this.#log.error('audit events are lost', { file: this.#file, error: why })
    this.#lost += events
  }
}

function openPrivate(file: string): number {
  const fd = openSync(file, 'a', 0o600)
  chmodSync(file, 0o600)
  return fd
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
