import type { User } from '../verbs.ts'

const prefix = 'system:node:'

/** The node a user is, when it is one: named `system:node:<name>` and of the group system:nodes. */
export const nodeNameOf = ({ name, groups }: User): string | undefined =>
  name.startsWith(prefix) && groups.includes('system:nodes') ? name.slice(prefix.length) : undefined
