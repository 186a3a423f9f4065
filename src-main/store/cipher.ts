import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { errorMessage } from '../base/log.ts'

/** How values look on disk; in memory they are plain. */
export interface Cipher {
  /** What to write for the value of `key`. */
  seal(key: string, value: Buffer): Buffer
  /** The value that `seal` was given, or one written before there was a key. Throws `WrongKey`. */
  open(key: string, stored: Buffer): Buffer
}

/** The database has values that the configured key, or the lack of one, cannot read. It was not touched. */
export class WrongKey extends Error {
  override readonly name = 'WrongKey'
}

/** What is encrypted, and nothing else. */
export const sealedPrefix = '/core/secrets/'

/** The envelope of Kubernetes' aesgcm provider: its mark and the key's name, a nonce, the text, the tag. A plain value begins with a brace. */
const mark = Buffer.from('k8s:enc:aesgcm:v1:key1:')
const nonceBytes = 12
const tagBytes = 16
const keyBytes = 32

const isSealed = (stored: Buffer): boolean => stored.subarray(0, mark.length).equals(mark)

/**
 * AES-256-GCM for Secrets. The object's key is authenticated with the value, so that nobody who can write to the file can put
 * one Secret's value in another's place.
 *
 * @param secret  32 bytes; without it everything is written as it is, and what is encrypted cannot be read
 */
export function createCipher(secret?: Buffer): Cipher {
  return {
    seal(key, value) {
      if (!secret || !key.startsWith(sealedPrefix)) return value
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(key))
      return Buffer.concat([mark, nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()])
    },
    open(key, stored) {
      if (!key.startsWith(sealedPrefix) || !isSealed(stored)) return stored
      if (!secret) throw new WrongKey(withoutKey)
      const text = mark.length + nonceBytes
      const decipher = createDecipheriv('aes-256-gcm', secret, stored.subarray(mark.length, text), { authTagLength: tagBytes })
      try {
        decipher.setAAD(Buffer.from(key)).setAuthTag(stored.subarray(-tagBytes))
        return Buffer.concat([decipher.update(stored.subarray(text, -tagBytes)), decipher.final()])
      } catch (error) {
        throw new WrongKey(otherKey(key), { cause: error })
      }
    },
  }
}

const withoutKey =
  'The Secrets of this cluster are encrypted, and no key was given. Nothing was changed. Start with --encryption-key-file and ' +
  'the file that was used before, or choose another data directory.'

const otherKey = (key: string): string =>
  `The Secret ${key.slice(sealedPrefix.length)} cannot be decrypted: it was encrypted with another key, or was altered on disk. ` +
  'Nothing was changed. Start with --encryption-key-file and the file that was used before, or put a backup in its place.'

/**
 * The key in a file: 32 bytes as they are, or in base64, as `head -c 32 /dev/urandom | base64` makes them.
 *
 * Throws a sentence when there is no such file, or something else in it.
 */
export function readEncryptionKey(file: string): Buffer {
  let content: Buffer
  try {
    content = readFileSync(file)
  } catch (error) {
    throw new Error(`The encryption key ${file} cannot be read: ${errorMessage(error)}. Nothing was changed.`, { cause: error })
  }
  if (content.length === keyBytes) return content
  const text = content.toString('latin1').trim()
  const decoded = /^[A-Za-z0-9+/]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined
  if (decoded?.length === keyBytes) return decoded
  throw new Error(
    `The encryption key ${file} must be ${keyBytes} bytes, as they are or in base64; it has ${content.length}. ` +
      'Make one with: head -c 32 /dev/urandom | base64',
  )
}
