const stages = ['alpha', 'beta', '']

/** Kubernetes' order of versions: v2, v1, v1beta2, v1alpha1, then names that are no versions. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rankOf(a), rankOf(b)]
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : a > b ? 1 : 0
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return right[i]! - left[i]!
  return 0
}

function rankOf(version: string): number[] | undefined {
  const [, major, stage = '', minor = '0'] = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version) ?? []
  return major === undefined ? undefined : [stages.indexOf(stage), Number(major), Number(minor)]
}
