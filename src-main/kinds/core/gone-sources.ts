const sentences = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
} as const

export type GoneSource = keyof typeof sentences

/** What a client is told of sources that no kubelet has any more, in the order that Kubernetes looks at them. */
export const warnOfGone = (sources: { readonly [name in GoneSource]?: unknown }, order: readonly GoneSource[], at: () => string): string[] =>
  order.flatMap((name) => (sources[name] === undefined ? [] : [`${at()}.${name === 'storageos' ? 'storageOS' : name}: ${sentences[name]}`]))
