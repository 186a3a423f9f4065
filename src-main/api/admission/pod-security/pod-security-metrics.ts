import { Counters, type Family, type Labels } from '../../../base/metric-families.ts'
import type { AdmissionRequest } from '../chain.ts'
import { type Mode, newest, type Standard } from './policy.ts'

/** Counts what Pod Security looked at, in the names of k8s.io/pod-security-admission. */
export class PodSecurityMetrics {
  readonly #evaluations = new Counters('pod_security_evaluations_total', 'Number of policy evaluations that occurred, not counting ignored or exempt requests.')
  readonly #errors = new Counters('pod_security_errors_total', 'Number of errors preventing normal evaluation. Non-fatal errors may result in the latest restricted profile being used for evaluation.')

  evaluated(decision: 'allow' | 'deny', mode: Mode, standard: Standard, request: AdmissionRequest): void {
    this.#evaluations.add({ decision, mode, policy_level: standard.level, policy_version: versionOf(standard), ...labelsOf(request) })
  }

  /** What a namespace's labels say could not be read. */
  failed(request: AdmissionRequest): void {
    this.#errors.add({ fatal: 'false', ...labelsOf(request) })
  }

  families(): Family[] {
    return [this.#evaluations.family(), this.#errors.family()]
  }
}

const labelsOf = ({ kind, operation, subresource = '' }: AdmissionRequest): Labels =>
  ({ request_operation: operation.toLowerCase(), resource: kind.kind === 'Pod' ? 'pod' : 'controller', subresource })

/** Anybody may write any version into a label: what is not known yet is one series. */
function versionOf({ level, version }: Standard): string {
  if (level === 'privileged' || version === 'latest') return 'latest'
  return Number(version.slice('v1.'.length)) > newest ? 'future' : version
}
