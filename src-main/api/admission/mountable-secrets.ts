import type { Container, EphemeralContainer, Pod, ServiceAccount } from '../../kinds/generated/types.ts'

const enforced = 'kubernetes.io/enforce-mountable-secrets'
/** What Go's strconv.ParseBool takes for true. */
const truths: readonly string[] = ['1', 't', 'T', 'true', 'TRUE', 'True']

/** Whether pods of the account may only use the secrets that it names. */
export const namesItsSecrets = ({ metadata }: Readonly<ServiceAccount>): boolean => truths.includes(metadata.annotations?.[enforced] ?? '')

/** Why a new pod may not run as the account, which names its secrets; or undefined. */
export function unnamedSecret({ spec }: Readonly<Pod>, account: Readonly<ServiceAccount>): string | undefined {
  const isNamed = namedBy(account)
  const volume = spec?.volumes?.find(({ secret }) => secret && !isNamed(secret.secretName))
  if (volume) return `volume with secret.secretName="${volume.secret?.secretName ?? ''}"${notReferenced(account)}`
  const cause = ofContainers('init container', spec?.initContainers, account) ?? ofContainers('container', spec?.containers, account)
  if (cause) return cause
  const pulled = new Set((account.imagePullSecrets ?? []).map(({ name }) => name))
  const at = (spec?.imagePullSecrets ?? []).findIndex(({ name }) => !pulled.has(name))
  if (at < 0) return undefined
  return `imagePullSecrets[${at}].name="${spec?.imagePullSecrets?.[at]?.name ?? ''}" is not allowed because service account ${account.metadata.name} does not reference that imagePullSecret`
}

/** The same for containers that are looked in by. */
export const unnamedSecretLater = ({ spec }: Readonly<Pod>, account: Readonly<ServiceAccount>): string | undefined =>
  ofContainers('ephemeral container', spec?.ephemeralContainers, account)

function ofContainers(what: string, containers: ReadonlyArray<Container | EphemeralContainer> | undefined, account: Readonly<ServiceAccount>): string | undefined {
  const isNamed = namedBy(account)
  for (const { name, env = [], envFrom = [] } of containers ?? []) {
    for (const variable of env) {
      const key = variable.valueFrom?.secretKeyRef
      if (key && !isNamed(key.name)) return `${what} ${name} with envVar ${variable.name} referencing secret.secretName="${key.name ?? ''}"${notReferenced(account)}`
    }
    const from = envFrom.find(({ secretRef }) => secretRef && !isNamed(secretRef.name))
    if (from) return `${what} ${name} with envFrom referencing secret.secretName="${from.secretRef?.name ?? ''}"${notReferenced(account)}`
  }
  return undefined
}

const namedBy = ({ secrets }: Readonly<ServiceAccount>) => (name: string | undefined): boolean => (secrets ?? []).some((secret) => (secret.name ?? '') === (name ?? ''))
const notReferenced = ({ metadata }: Readonly<ServiceAccount>): string => ` is not allowed because service account ${metadata.name} does not reference that secret`
