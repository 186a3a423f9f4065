import { expect, it } from 'vitest'
import { decoderSentence } from '../../src-main/kinds/decoder-sentence.ts'
import { checkStructure } from '../../src-main/kinds/structure.ts'

const core = 'io.k8s.api.core.v1'

it.each([
  [`${core}.Pod`, { spec: { volumes: [{ hostPath: { path: 5 } }] } }, 'json: cannot unmarshal number into Go struct field HostPathVolumeSource.spec.volumes.VolumeSource.hostPath.path of type string'],
  [`${core}.Pod`, { spec: { containers: [{ livenessProbe: { httpGet: { port: true } } }] } }, 'json: cannot unmarshal bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32'],
  [`${core}.Pod`, { spec: { containers: [{ ports: [{ protocol: 6 }] }] } }, 'json: cannot unmarshal number into Go struct field ContainerPort.spec.containers.ports.protocol of type v1.Protocol'],
  [`${core}.Pod`, { spec: { containers: [{ securityContext: { capabilities: { add: [1] } } }] } }, 'json: cannot unmarshal number into Go struct field Capabilities.spec.containers.securityContext.capabilities.add of type v1.Capability'],
  [`${core}.Pod`, { metadata: { uid: 7 } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.uid of type types.UID'],
  [`${core}.Pod`, { metadata: { generation: 1.5 } }, 'json: cannot unmarshal number 1.5 into Go struct field ObjectMeta.metadata.generation of type int64'],
  [`${core}.ReplicationController`, { spec: { replicas: 5_000_000_000 } }, 'json: cannot unmarshal number 5000000000 into Go struct field ReplicationControllerSpec.spec.replicas of type int32'],
  [`${core}.Node`, { status: { capacity: 'much' } }, 'json: cannot unmarshal string into Go struct field NodeStatus.status.capacity of type v1.ResourceList'],
  [`${core}.Node`, { status: { capacity: { cpu: {} } } }, "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  [`${core}.Secret`, { data: { password: 'hunter' } }, 'illegal base64 data at input byte 4'],
  [`${core}.Secret`, { data: { password: 'hunt=r' } }, 'illegal base64 data at input byte 4'],
  [`${core}.Secret`, { data: { password: 'aGk=\nx' } }, 'illegal base64 data at input byte 5'],
  [`${core}.Secret`, { data: { password: 'a.' } }, 'illegal base64 data at input byte 1'],
  [`${core}.Secret`, { data: { password: 'aG=x' } }, 'illegal base64 data at input byte 2'],
  [`${core}.Secret`, { data: { password: 'aG=' } }, 'illegal base64 data at input byte 3'],
  [`${core}.Event`, { eventTime: 'now' }, 'parsing time "now" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "now" as "2006"'],
  [`${core}.Event`, { lastTimestamp: 'now' }, 'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"'],
  [`${core}.Event`, { lastTimestamp: '2027-02-29T00:00:00Z' }, 'parsing time "2027-02-29T00:00:00Z": day out of range'],
])('%s like %j is told in the words of Go', (schema, object, sentence) => {
  const { errors: [error] } = checkStructure(schema, object)
  expect(decoderSentence(schema, error!, object)).toBe(sentence)
})
