import type { Taint, Toleration } from '../generated/types.ts'

/** Whether one toleration covers a taint: an empty key or effect covers all of them. */
export const tolerates = ({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean =>
  (!effect || effect === taint.effect) &&
  (!key || key === taint.key) &&
  (operator === 'Exists' || value === (taint.value ?? ''))
