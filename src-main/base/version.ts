import manifest from '../../package.json' with { type: 'json' }

/** The build puts the commit it is made of here; where the source itself runs there is none. */
declare const WHEELHOUSE_COMMIT: { readonly id: string; readonly date: string } | undefined
const commit = typeof WHEELHOUSE_COMMIT === 'undefined' ? { id: '0'.repeat(40), date: '1970-01-01T00:00:00Z' } : WHEELHOUSE_COMMIT

export interface Version {
  /** The app's own. */
  readonly app: string
  readonly major: string
  readonly minor: string
  /** The Kubernetes release whose behaviour the API has, and the app's version. */
  readonly gitVersion: string
  readonly gitCommit: string
  readonly buildDate: string
}

export const version: Version = {
  app: manifest.version,
  major: '1',
  minor: '36',
  gitVersion: `v1.36.0+wheelhouse.${manifest.version}`,
  gitCommit: commit.id,
  buildDate: commit.date,
}
