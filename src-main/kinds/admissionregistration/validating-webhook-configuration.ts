import type { ValidatingWebhookConfiguration } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { patientCheck } from '../patient-check.ts'
import { checkWebhooks, defaultWebhook, webhookColumns } from './webhooks.ts'

export type { ValidatingWebhookConfiguration }

export const validatingWebhookConfiguration = defineKind<ValidatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingWebhookConfiguration', plural: 'validatingwebhookconfigurations',
  categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration',
  conditionalUpdate: true,
  generation: true,
  ownRules: true,
  default: ({ webhooks }) => webhooks?.forEach(defaultWebhook),
  validate: patientCheck(({ webhooks }, at, old) => checkWebhooks(webhooks, at.child('webhooks'), old?.webhooks)),
  columns: webhookColumns,
})
