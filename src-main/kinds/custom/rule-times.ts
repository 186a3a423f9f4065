import { channel } from 'node:diagnostics_channel'

/** Whoever subscribes is told how many seconds it took to compile rules of one place in a schema. */
export const compiled = channel('wheelhouse.rules.compiled')

/** And how many it took to hold a value, with all below, against its rules. */
export const evaluated = channel('wheelhouse.rules.evaluated')

export const secondsSince = (began: number): number => (performance.now() - began) / 1000
