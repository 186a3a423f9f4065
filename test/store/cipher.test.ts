import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { silent } from '../../src-main/base/log.ts'
import { createCipher, readEncryptionKey } from '../../src-main/store/cipher.ts'
import { openStore } from '../../src-main/store/log.ts'
import type { Change, Store } from '../../src-main/store/store.ts'
import { line, put, remove, revision, temporaryFile, temporaryFolder, valueOf } from './fixture.ts'

const encryptionKey = Buffer.alloc(32, 7)
const secret = '/core/secrets/default/token'
const marker = 'a-password-nobody-may-see'

async function during<T>(file: string, key: Buffer | undefined, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ file, log: silent, encryptionKey: key })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

describe('Secrets on disk', () => {
  it('are unreadable there, in history and in a backup, and plain in memory', async () => {
    const file = temporaryFile()
    const copy = join(temporaryFolder(), 'copy.db')
    await during(file, encryptionKey, async (store) => {
      await put(store, secret, marker)
      await put(store, secret, `${marker}-2`)
      await put(store, '/core/configmaps/default/a', 'everybody may see this')
      expect(valueOf(store.get(secret))).toBe(`${marker}-2`)
      expect(readFileSync(`${file}-wal`).includes(marker)).toBe(false)
      await store.backup(copy)
    })
    for (const each of [file, copy]) {
      expect(readFileSync(each).includes(marker)).toBe(false)
      expect(readFileSync(each).includes('everybody may see this')).toBe(true)
      await during(each, encryptionKey, async (store) => {
        expect(valueOf(store.get(secret))).toBe(`${marker}-2`)
        expect((await store.listAt('/core/secrets/', revision(1))).items.map(valueOf)).toEqual([marker])
      })
    }
  })

  it('are told to watchers that resume from the log', async () => {
    const file = temporaryFile()
    await during(file, encryptionKey, async (store) => {
      await put(store, secret, 'one')
      await put(store, secret, 'two')
      await remove(store, secret)
    })
    await during(file, encryptionKey, async (store) => {
      const seen: Change[] = []
      await store.watch('/core/secrets/', revision(0), (change) => seen.push(change))
      expect(seen.map(line)).toEqual([`1 put ${secret} one`, `2 put ${secret} two (was 1 one)`, `3 delete ${secret} two (was 2 two)`])
    })
  })

  it('written before there was a key stay readable, and are encrypted when they are next written', async () => {
    const file = temporaryFile()
    await during(file, undefined, (store) => put(store, secret, 'plain'))
    await during(file, encryptionKey, async (store) => {
      expect(valueOf(store.get(secret))).toBe('plain')
      await put(store, secret, marker)
    })
    expect(readFileSync(file).includes(marker)).toBe(false)
  })

  it('refuse a start with another key or none, with a sentence, even when only history has them, and stay as they are', async () => {
    const file = temporaryFile()
    await during(file, encryptionKey, async (store) => {
      await put(store, secret, marker)
      await remove(store, secret)
    })
    const before = readFileSync(file)
    await expect(openStore({ file, log: silent, encryptionKey: Buffer.alloc(32, 8) })).rejects.toThrow(/Secret default\/token cannot be decrypted.*--encryption-key-file/)
    await expect(openStore({ file, log: silent })).rejects.toThrow(/are encrypted, and no key was given.*--encryption-key-file/)
    expect(readFileSync(file).equals(before)).toBe(true)
    await during(file, encryptionKey, async (store) => expect(store.revision).toBe(2))
  })

  it('cannot be swapped: one value in the place of another is refused', async () => {
    const file = temporaryFile()
    await during(file, encryptionKey, async (store) => {
      await put(store, secret, 'mine')
      await put(store, '/core/secrets/default/other', 'yours')
    })
    const db = new Database(file)
    db.exec('UPDATE log SET value = (SELECT value FROM log WHERE revision = 2) WHERE revision = 1')
    db.close()
    await expect(openStore({ file, log: silent, encryptionKey })).rejects.toThrow('altered on disk')
  })

  it('have another envelope each time, of the form Kubernetes writes', () => {
    const cipher = createCipher(encryptionKey)
    const [first, second] = [1, 2].map(() => cipher.seal(secret, Buffer.from('{}')))
    expect(first!.equals(second!)).toBe(false)
    expect(first!.subarray(0, 23).toString()).toBe('k8s:enc:aesgcm:v1:key1:')
    expect(cipher.open(secret, first!).toString()).toBe('{}')
    expect(cipher.seal('/core/pods/default/a', Buffer.from('{}')).toString()).toBe('{}')
  })
})

describe('the encryption key', () => {
  const keyFile = (content: string | Buffer): string => {
    const file = join(temporaryFolder(), 'key')
    writeFileSync(file, content)
    return file
  }

  it('is 32 bytes, raw or in base64', () => {
    for (const content of [encryptionKey, encryptionKey.toString('base64'), `${encryptionKey.toString('base64')}\n`]) {
      expect(readEncryptionKey(keyFile(content)).equals(encryptionKey)).toBe(true)
    }
  })

  it('is refused with a sentence when it is missing, or has another length', () => {
    expect(() => readEncryptionKey('/nowhere/key')).toThrow('The encryption key /nowhere/key cannot be read: ENOENT')
    for (const content of ['', 'short', Buffer.alloc(31), Buffer.alloc(16).toString('base64')]) {
      expect(() => readEncryptionKey(keyFile(content))).toThrow('must be 32 bytes')
    }
  })
})
