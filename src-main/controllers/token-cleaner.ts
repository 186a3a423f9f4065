import { bootstrapTokenOf } from '../kinds/core/bootstrap-token.ts'
import { secret as secretKind } from '../kinds/core/secret.ts'
import { again, type Controller, done, every } from './controller.ts'
import { remove } from './deletion.ts'

/** The longest that a timer is set for, in ms. */
const longestMs = 24 * 3_600_000

/** Deletes bootstrap tokens when their time is over. */
export const tokenCleaner: Controller = {
  name: 'token-cleaner',
  watches: [every(secretKind)],
  async reconcile(key, { read, client, clock }) {
    if (!key.startsWith('kube-system/')) return done
    const secret = await read(secretKind, key)
    const token = secret && bootstrapTokenOf(secret)
    if (!token || token.expiresAt === Infinity) return done
    const left = token.expiresAt - clock.now()
    if (left > 0) return again(Math.min(left, longestMs))
    await remove(client, secretKind, secret)
    return done
  },
}
