import type { MutatingWebhookConfiguration } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { patientCheck } from '../patient-check.ts'
import { checkWebhooks, defaultWebhook, webhookColumns } from './webhooks.ts'

export type { MutatingWebhookConfiguration }

const reinvocationPolicies = ['IfNeeded', 'Never']

export const mutatingWebhookConfiguration = defineKind<MutatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingWebhookConfiguration', plural: 'mutatingwebhookconfigurations',
  categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration',
  conditionalUpdate: true,
  generation: true,
  ownRules: true,
  default: ({ webhooks }) => {
    for (const webhook of webhooks ?? []) {
      defaultWebhook(webhook)
      webhook.reinvocationPolicy ??= 'Never'
    }
  },
  validate: patientCheck(({ webhooks }, at, old) =>
    checkWebhooks(webhooks, at.child('webhooks'), old?.webhooks, ({ reinvocationPolicy = 'Never' }, here) =>
      reinvocationPolicies.includes(reinvocationPolicy) ? [] : [here.child('reinvocationPolicy').notSupported(reinvocationPolicy, reinvocationPolicies)],
    )),
  columns: webhookColumns,
})
