import { say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { CustomResourceConversion, CustomResourceDefinition } from '../generated/types.ts'
import { conditionOf } from '../meta.ts'
import { isDNS1035Label } from '../validation.ts'
import { checkWebhookClient, isCaBundle } from '../webhook-client.ts'

/** How objects are converted between versions. Paths are those of Kubernetes' internal type, as in its own messages. */
export function checkConversion({ spec: { conversion } }: CustomResourceDefinition, at: FieldPath, old?: CustomResourceDefinition): FieldError[] {
  if (!conversion) return []
  const { strategy, webhook } = conversion
  const [client, versions] = [at.child('webhookClientConfig'), at.child('conversionReviewVersions')]
  if (strategy === 'Webhook') {
    const config = webhook?.clientConfig
    return [
      ...(config ? checkWebhookClient(mayHaveAnyBundle(old) ? { ...config, caBundle: undefined } : config, client) : [client.required('required when strategy is set to Webhook')]),
      ...checkReviewVersions(webhook?.conversionReviewVersions ?? [], versions, old?.spec.conversion),
    ]
  }
  const errors = strategy === 'None' ? [] : [strategy ? at.child('strategy').notSupported(strategy, ['None', 'Webhook']) : at.child('strategy').required()]
  if (webhook?.clientConfig) errors.push(client.forbidden('should not be set when strategy is not set to Webhook'))
  if (webhook?.conversionReviewVersions?.length) errors.push(versions.forbidden('should not be set when strategy is not set to Webhook'))
  return errors
}

/** Before anything can be converted, and where the bundle was none already. */
function mayHaveAnyBundle(old: CustomResourceDefinition | undefined): boolean {
  if (conditionOf(old?.status?.conditions, 'Established')?.status !== 'True') return true
  const bundle = old?.spec.conversion?.webhook?.clientConfig?.caBundle
  return !!bundle && !isCaBundle(bundle)
}

const accepted = ['v1', 'v1beta1']
const isAccepted = (versions: readonly string[]): boolean => versions.some((version) => accepted.includes(version))

function checkReviewVersions(versions: readonly string[], at: FieldPath, old: CustomResourceConversion | undefined): FieldError[] {
  if (versions.length === 0) return [at.required()]
  const errors = versions.flatMap((version, i) =>
    versions.indexOf(version) < i ? [at.child(i).invalid(version, 'duplicate version')] : say(at.child(i), version, isDNS1035Label(version)))
  const before = old?.webhook?.conversionReviewVersions ?? []
  const mustKnow = before.length === 0 || isAccepted(before)
  if (mustKnow && !isAccepted(versions)) errors.push(at.invalid(versions, `must include at least one of ${accepted.join(', ')}`))
  return errors
}
