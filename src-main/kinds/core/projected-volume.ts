import { checkSelector, present, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ClusterTrustBundleProjection, DownwardAPIVolumeFile, PodCertificateProjection, ProjectedVolumeSource, ServiceAccountTokenProjection, VolumeProjection } from '../generated/types.ts'
import { isDNS1123Subdomain } from '../validation.ts'
import { checkFieldRef, checkResourceRef, volumeFieldPaths } from './env.ts'
import { checkMode, fileInVolume } from './paths.ts'
import { checkFile } from './pod-volume-sources.ts'

/** `at` is the place of the list: Kubernetes says no index here. */
export function checkDownward({ path, fieldRef, resourceFieldRef, mode }: DownwardAPIVolumeFile, at: FieldPath): FieldError[] {
  const errors = [...present(path, at.child('path')), ...fileInVolume(path, at.child('path'))]
  if (fieldRef) errors.push(...checkFieldRef(fieldRef, at.child('fieldRef'), volumeFieldPaths))
  if (fieldRef && resourceFieldRef) errors.push(at.invalid('resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
  else if (resourceFieldRef) errors.push(...checkResourceRef(resourceFieldRef, at.child('resourceFieldRef'), true))
  else if (!fieldRef) errors.push(at.required('one of fieldRef and resourceFieldRef is required'))
  return [...errors, ...checkMode(mode, at.child('mode'))]
}

/** Takes a file's path; says so when another source has it already. */
type Claim = (path: string | undefined, value?: string) => FieldError[]

export function checkProjected(projected: ProjectedVolumeSource, at: FieldPath): FieldError[] {
  const paths = new Set<string>()
  const claim: Claim = (path, value = path) => {
    if (!path) return []
    const taken = paths.has(path)
    paths.add(path)
    return taken ? [at.invalid(value, 'conflicting duplicate paths')] : []
  }
  const errors = checkMode(projected.defaultMode, at.child('defaultMode'))
  for (const [i, source] of (projected.sources ?? []).entries()) {
    const here = at.child('sources', i)
    errors.push(...checkProjection(source, here, at, claim))
    if (Object.values(source).filter((part) => part !== undefined).length > 1) errors.push(here.forbidden('may not specify more than 1 volume type per source'))
  }
  return errors
}

function checkProjection(source: VolumeProjection, at: FieldPath, volume: FieldPath, claim: Claim): FieldError[] {
  const { downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source
  const errors = (['secret', 'configMap'] as const).flatMap((name) => {
    const files = source[name]
    if (!files) return []
    const items = (files.items ?? []).flatMap((item, i) => [...checkFile(item, at.child(name, 'items', i)), ...claim(item.path, files.name ?? '')])
    return [...present(files.name, at.child(name, 'name')), ...items]
  })
  for (const file of downwardAPI?.items ?? []) errors.push(...checkDownward(file, at.child('downwardAPI')), ...claim(file.path))
  if (serviceAccountToken) errors.push(...checkToken(serviceAccountToken, at.child('serviceAccountToken'), volume))
  if (clusterTrustBundle) errors.push(...checkBundle(clusterTrustBundle, at.child('clusterTrustBundle')), ...claim(clusterTrustBundle.path))
  if (podCertificate) errors.push(...checkCertificate(podCertificate, at.child('podCertificate'), claim))
  return errors
}

function checkToken({ expirationSeconds = 0, path }: ServiceAccountTokenProjection, at: FieldPath, volume: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (expirationSeconds < 600) errors.push(at.child('expirationSeconds').invalid(expirationSeconds, 'may not specify a duration less than 10 minutes'))
  if (expirationSeconds > 2 ** 32) errors.push(at.child('expirationSeconds').invalid(expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
  return [...errors, ...present(path, volume.child('path')), ...fileInVolume(path, volume.child('path'))]
}

function checkBundle({ name, signerName, labelSelector, path }: ClusterTrustBundleProjection, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (name !== undefined && signerName !== undefined) errors.push(at.invalid({ name, signerName }, 'only one of name and signerName may be used'))
  else if (name !== undefined) {
    if (!name) errors.push(at.child('name').required('must be a valid object name'))
    const own = name.split(':').at(-1) ?? ''
    errors.push(...isDNS1123Subdomain(own).map((sentence) => at.child('name').invalid(name, `not a valid clustertrustbundlename: ${sentence}`)))
    if (labelSelector) errors.push(at.child('labelSelector').invalid(labelSelector, 'labelSelector must be unset if name is specified'))
  } else if (signerName !== undefined) {
    if (!signerName) errors.push(at.child('signerName').required('must be a valid signer name'))
    errors.push(...checkSigner(signerName, at.child('signerName')), ...checkSelector(labelSelector, at.child('labelSelector')))
  } else errors.push(at.required('either name or signerName must be specified'))
  return [...errors, ...present(path, at.child('path')), ...fileInVolume(path, at.child('path'))]
}

/** `example.com/path` */
function checkSigner(name: string, at: FieldPath): FieldError[] {
  if (!name) return [at.required()]
  const [domain = '', path, ...more] = name.split('/')
  if (path === undefined || more.length > 0) return [at.invalid(name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  return [...say(at, domain, isDNS1123Subdomain(domain)), ...(path ? [] : [at.invalid(name, "signer name must have a path after the '/'")])]
}

const keyTypes = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519']
const daySeconds = 24 * 60 * 60

function checkCertificate(source: PodCertificateProjection, at: FieldPath, claim: Claim): FieldError[] {
  const { signerName = '', keyType = '', maxExpirationSeconds: seconds } = source as Partial<PodCertificateProjection>
  const errors = checkSigner(signerName, at.child('signerName'))
  if (!keyTypes.includes(keyType)) errors.push(at.child('keyType').notSupported(keyType, keyTypes))
  const most = /(^|\.)kubernetes\.io\//.test(signerName) ? daySeconds : 91 * daySeconds
  if (seconds !== undefined && seconds < 3600) errors.push(at.child('maxExpirationSeconds').invalid(seconds, 'if provided, maxExpirationSeconds must be >= 3600'))
  if (seconds !== undefined && seconds > most) errors.push(at.child('maxExpirationSeconds').invalid(seconds, `if provided, maxExpirationSeconds must be <= ${most}`))
  const files = (['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const).filter((name) => source[name])
  errors.push(...files.flatMap((name) => [...fileInVolume(source[name], at.child(name)), ...claim(source[name])]))
  return files.length > 0 ? errors : [...errors, at.required('specify at least one of credentialBundlePath, keyPath, and certificateChainPath')]
}
