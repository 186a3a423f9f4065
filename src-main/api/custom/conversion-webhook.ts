import { randomUUID } from 'node:crypto'
import { errorMessage } from '../../base/log.ts'
import { isJsonObject, type JsonObject } from '../../base/json.ts'
import type { CustomResourceDefinition } from '../../kinds/apiextensions/custom-resource-definition.ts'
import type { Convert } from '../../kinds/custom/conversion.ts'
import { keyOf } from '../../kinds/meta.ts'
import { plainFailure } from '../../kinds/status-error.ts'
import type { WebhookCaller } from '../webhooks/call.ts'
import { type ConversionFailure, ConversionMetrics } from './conversion-metrics.ts'
import { BadConversion, checkedConversion } from './converted-object.ts'

/** As long as Kubernetes waits for it. */
const timeoutMs = 30_000
const reviewGroup = 'apiextensions.k8s.io'
/** In which a review can be written here. */
const reviewVersions = ['v1', 'v1beta1']

/** Asks the webhook of a definition. Rejects with a StatusError 500 that says what was wrong in Kubernetes' words, and no reason. */
export function conversionWebhook(crd: CustomResourceDefinition, caller: WebhookCaller, metrics = new ConversionMetrics()): Convert {
  const { clientConfig, conversionReviewVersions = [] } = crd.spec.conversion?.webhook ?? { conversionReviewVersions: [] }
  return async (objects, apiVersion) => {
    const [first] = objects
    if (!first) return []
    const subject = `conversion webhook for ${first.apiVersion}, Kind=${first.kind}`
    const version = conversionReviewVersions.find((each) => reviewVersions.includes(each))
    if (version === undefined) throw plainFailure('no supported conversion review versions')
    const began = performance.now()
    let failure: ConversionFailure | undefined = 'conversion_webhook_call_failure'
    try {
      const review = { kind: 'ConversionReview', apiVersion: `${reviewGroup}/${version}` }
      const uid = randomUUID()
      const answer = await caller.call(clientConfig ?? {}, { ...review, request: { uid, desiredAPIVersion: apiVersion, objects } }, { timeoutMs })
      failure = 'conversion_webhook_malformed_response_failure'
      const answered = answeredObjects(answer, uid, version)
      failure = 'conversion_webhook_partial_response_failure'
      if (answered.length !== objects.length) throw new BadConversion(`returned ${answered.length} objects, expected ${objects.length}`)
      failure = 'conversion_webhook_invalid_converted_object_failure'
      const converted = objects.map((object, i) => checkedConversion(object, answered[i], apiVersion, i))
      failure = undefined
      return converted
    } catch (error) {
      throw plainFailure(`${subject} ${error instanceof BadConversion ? error.message : `failed: ${failureIn(error)}`}`)
    } finally {
      metrics.observe({ definition: keyOf(crd), from: versionIn(first.apiVersion ?? ''), to: versionIn(apiVersion), seconds: (performance.now() - began) / 1000, failure })
    }
  }
}

const versionIn = (apiVersion: string): string => apiVersion.slice(apiVersion.indexOf('/') + 1)

/** The time is the client's here, and its sentence says so. */
const failureIn = (error: unknown): string => errorMessage(error).replace(/: context deadline exceeded$/, '$& (Client.Timeout exceeded while awaiting headers)')

function answeredObjects(answer: JsonObject, uid: string, version: string): readonly unknown[] {
  const { response } = answer
  if (version === 'v1') {
    const [group = '', given = ''] = typeof answer.apiVersion === 'string' ? answer.apiVersion.split('/') : []
    if (group !== reviewGroup || given !== 'v1' || answer.kind !== 'ConversionReview') {
      throw new Error(`expected webhook response of ${reviewGroup}/v1, Kind=ConversionReview, got ${group}/${given}, Kind=${typeof answer.kind === 'string' ? answer.kind : ''}`)
    }
  }
  if (!isJsonObject(response)) throw new Error('no response provided')
  const told = typeof response.uid === 'string' ? response.uid : ''
  if (version === 'v1' && told !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(told)}`)
  const result = isJsonObject(response.result) ? response.result : {}
  if (result.status !== 'Success') {
    throw new Error(typeof result.message === 'string' && result.message !== '' ? result.message : `response.result.status was '${typeof result.status === 'string' ? result.status : ''}', not 'Success'`)
  }
  return Array.isArray(response.convertedObjects) ? response.convertedObjects : []
}
