import manifest from '../../package.json' with { type: 'json' }

/** The app's version, and the Kubernetes release whose behaviour the API has. */
export const version = {
  app: manifest.version,
  major: '1',
  minor: '36',
  gitVersion: `v1.36.0+wheelhouse.${manifest.version}`,
} as const
