import { each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { DownwardAPIVolumeFile, Volume } from '../generated/types.ts'
import { isDNS1123Label, isDNS1123Subdomain } from '../validation.ts'
import { pullPolicy } from './container.ts'
import { sourceRules, type Source } from './pod-volume-sources.ts'

/** 0644 */
const defaultMode = 0o644

/** A volume without a source is an emptyDir, as in Kubernetes. */
export function defaultVolume(volume: Volume): void {
  if (Object.keys(volume).every((name) => name === 'name')) volume.emptyDir = {}
  const { hostPath, secret, configMap, downwardAPI, projected, ephemeral, image, azureDisk } = volume
  if (hostPath) hostPath.type ??= ''
  for (const source of [secret, configMap, downwardAPI, projected]) if (source) source.defaultMode ??= defaultMode
  for (const source of projected?.sources ?? []) {
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600
    for (const item of source.downwardAPI?.items ?? []) defaultFile(item)
  }
  for (const item of downwardAPI?.items ?? []) defaultFile(item)
  if (ephemeral?.volumeClaimTemplate?.spec) ephemeral.volumeClaimTemplate.spec.volumeMode ??= 'Filesystem'
  if (azureDisk) Object.assign(azureDisk, { cachingMode: azureDisk.cachingMode ?? 'ReadWrite', kind: azureDisk.kind ?? 'Shared' })
  if (image) image.pullPolicy ??= pullPolicy(image.reference ?? '')
}

function defaultFile({ fieldRef, resourceFieldRef }: DownwardAPIVolumeFile): void {
  if (fieldRef) fieldRef.apiVersion ||= 'v1'
  if (resourceFieldRef) resourceFieldRef.divisor ||= '0'
}

/** `pod` is the name of the pod that has the volumes; absent in a template. `right` gets the volumes that nothing is wrong with: no other can be mounted. */
export function checkVolumes(volumes: readonly Volume[] | undefined, list: FieldPath, pod: string | undefined, right: Map<string, Volume>): FieldError[] {
  const made = new Set((volumes ?? []).filter(({ ephemeral }) => ephemeral).map(({ name }) => `${pod}-${name}`))
  const names = new Set<string>()
  return each(volumes, list, (volume, at) => {
    const { name, persistentVolumeClaim: claim } = volume
    const errors = [...checkSource(volume, at, pod), ...(name ? say(at.child('name'), name, isDNS1123Label(name)) : [at.child('name').required()])]
    if (names.has(name)) errors.push(at.child('name').duplicate(name))
    if (errors.length === 0) {
      names.add(name)
      right.set(name, volume)
    }
    if (pod === undefined || !claim || !made.has(claim.claimName)) return errors
    return [...errors, at.child('persistentVolumeClaim', 'claimName').invalid(claim.claimName, 'must not reference a PVC that gets created for an ephemeral volume')]
  })
}

/** Where Kubernetes' own word for a source in this message is not the field's name. */
const spelled: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' }

function checkSource(volume: Volume, at: FieldPath, pod: string | undefined): FieldError[] {
  const sources = (Object.keys(sourceRules) as Source[]).filter((name) => volume[name] !== undefined)
  if (sources.length === 0) return [at.required('must specify a volume type')]
  return sources.flatMap((name, i) => {
    if (i > 0) return [at.child(spelled[name] ?? name).forbidden('may not specify more than 1 volume type')]
    return [...sourceRules[name](volume, at, pod !== undefined), ...checkNameFor(name, volume, at, pod)]
  })
}

/** What a source asks of the volume's name. */
function checkNameFor(source: Source, { name, iscsi }: Volume, at: FieldPath, pod: string | undefined): FieldError[] {
  if (source === 'iscsi' && iscsi?.initiatorName !== undefined && `${name}:${iscsi.targetPortal}`.length > 64) {
    return [at.child('name').invalid(name, 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.')]
  }
  if (source !== 'ephemeral' || !pod || !name) return []
  const claim = `${pod}-${name}`
  return isDNS1123Subdomain(claim).map((sentence) => at.child('name').invalid(name, `PVC name ${JSON.stringify(claim)}: ${sentence}`))
}
