import { describe, expect, it } from 'vitest'
import { type CSIDriver, csiDriver } from '../../src-main/kinds/storage/csi-driver.ts'
import { csiNode } from '../../src-main/kinds/storage/csi-node.ts'
import { csiStorageCapacity } from '../../src-main/kinds/storage/csi-storage-capacity.ts'
import { storageClass } from '../../src-main/kinds/storage/storage-class.ts'
import { volumeAttachment } from '../../src-main/kinds/storage/volume-attachment.ts'
import { briefly, changed, mistakes, prepared } from './prepared.ts'

type Row = [change: string, ...errors: string[]]

describe('a StorageClass', () => {
  const right = '{ provisioner: a.b/c }'

  it('is right as it is', () => {
    expect(mistakes(storageClass, right)).toEqual([])
  })

  it.each<Row>([
    ['provisioner: ""',
      'provisioner: Required value'],
    ['provisioner: null',
      'provisioner: Required value'],
    ['provisioner: "bad!"',
      `provisioner: Invalid value: "bad!": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['reclaimPolicy: Bad',
      'reclaimPolicy: Unsupported value: "Bad": supported values: "Delete", "Retain"'],
    ['reclaimPolicy: Recycle',
      'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
    ['volumeBindingMode: Bad',
      'volumeBindingMode: Unsupported value: "Bad": supported values: "Immediate", "WaitForFirstConsumer"'],
    ['parameters: { "": x }',
      'parameters: Invalid value: "": field can not be empty.'],
    ['allowedTopologies: [{ matchLabelExpressions: [{ key: "bad key", values: [a] }] }]',
      `allowedTopologies[0].matchLabelExpressions[0].key: Invalid value: "bad key": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['allowedTopologies: [{ matchLabelExpressions: [{ key: a, values: [] }] }]',
      'allowedTopologies[0].matchLabelExpressions[0].values: Required value'],
    ['allowedTopologies: [{ matchLabelExpressions: [{ key: a, values: [x, x] }] }]',
      'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "x"'],
    ['allowedTopologies: [{ matchLabelExpressions: [{ key: a, values: [x] }, { key: a, values: [y] }] }]',
      'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "a"'],
    ['allowedTopologies: [{ matchLabelExpressions: [{ key: a, values: [x] }] }, { matchLabelExpressions: [{ key: a, values: [x] }] }]',
      'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
    ['reclaimPolicy: Recycle, volumeBindingMode: ""',
      'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
      'volumeBindingMode: Unsupported value: "": supported values: "Immediate", "WaitForFirstConsumer"'],
    ['allowedTopologies: [{}]',
      'allowedTopologies[0].matchLabelExpressions: Duplicate value: ""'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(storageClass, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a CSIDriver', () => {
  const right = '{ spec: {} }'

  it('is right as it is', () => {
    expect(mistakes(csiDriver, right)).toEqual([])
  })

  it.each<Row>([
    ['metadata: { name: A.b }',
      `metadata.name: Invalid value: "A.b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['metadata: { name: A_b }',
      `metadata.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['spec: { volumeLifecycleModes: [Bad] }',
      'spec.volumeLifecycleModes: Unsupported value: "Bad": supported values: "Persistent", "Ephemeral"'],
    ['spec: { fsGroupPolicy: Bad }',
      'spec.fsGroupPolicy: Unsupported value: "Bad": supported values: "File", "None", "ReadWriteOnceWithFSType"'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(csiDriver, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

it('a CSIDriver says nothing that takes a feature which is off', () => {
  const driver = prepared(csiDriver, '{ spec: { preventPodSchedulingIfMissing: true } }') as CSIDriver
  csiDriver.prepareCreate?.(driver)
  expect(driver.spec).not.toHaveProperty('preventPodSchedulingIfMissing')
})

describe('a CSINode', () => {
  const right = '{ spec: { drivers: [{ name: a.b, nodeID: n }] } }'

  it('is right as it is', () => {
    expect(mistakes(csiNode, right)).toEqual([])
  })

  it.each<Row>([
    ['spec: { drivers: [{}] }',
      'spec.drivers[0].name: Required value',
      'spec.drivers[0].nodeID: Required value'],
    ['spec: { drivers: [{ name: a, nodeID: n }, { name: a, nodeID: m }] }',
      'spec.drivers[1].name: Duplicate value: "a"'],
    ['spec: { drivers: [{ name: Bad_, nodeID: nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn }] }',
      `spec.drivers[0].name: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
      'spec.drivers[0].nodeID: Invalid value: "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn": must be 256 characters or less'],
    ['spec: { drivers: [{ name: a.b, nodeID: n, topologyKeys: [a, a] }] }',
      'spec.drivers[0]: Duplicate value: "a"'],
    ['spec: { drivers: [{ name: a.b, nodeID: n, topologyKeys: ["bad key", ""] }] }',
      `spec.drivers[0]: Invalid value: "bad key": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
      'spec.drivers[0]: Required value',
      'spec.drivers[0]: Invalid value: "": name part must be non-empty',
      `spec.drivers[0]: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['spec: { drivers: [{ name: a.b, nodeID: n, allocatable: { count: -1 } }] }',
      'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0'],
    ['spec: { drivers: [{ name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, nodeID: n }] }',
      'spec.drivers[0].name: Too long: may not be more than 63 bytes'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(csiNode, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a CSIStorageCapacity', () => {
  const right = '{ storageClassName: a }'

  it('is right as it is', () => {
    expect(mistakes(csiStorageCapacity, right)).toEqual([])
  })

  it.each<Row>([
    ['storageClassName: null',
      `storageClassName: Invalid value: "": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['storageClassName: Bad_',
      `storageClassName: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['capacity: "-1"',
      'capacity: Invalid value: "-1": must be greater than or equal to 0'],
    ['nodeTopology: { matchExpressions: [{ key: a, operator: Bad }] }',
      'nodeTopology.matchExpressions[0].operator: Invalid value: "Bad": not a valid selector operator'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(csiStorageCapacity, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a VolumeAttachment', () => {
  const right = '{ spec: { attacher: a.b, nodeName: n, source: { persistentVolumeName: pv } } }'

  it('is right as it is', () => {
    expect(mistakes(volumeAttachment, right)).toEqual([])
  })

  it.each<Row>([
    ['spec: null',
      'spec.attacher: Required value',
      'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
      `spec.nodeName: Invalid value: "": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
      'spec.attacher: Required value'],
    ['spec: { attacher: "" }',
      'spec.attacher: Required value',
      'spec.attacher: Required value'],
    ['spec: { attacher: Bad_ }',
      `spec.attacher: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['spec: { nodeName: "" }',
      `spec.nodeName: Invalid value: "": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['spec: { nodeName: Bad_ }',
      `spec.nodeName: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['spec: { source: { persistentVolumeName: null } }',
      'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName'],
    ['spec: { source: { persistentVolumeName: "" } }',
      'spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName',
      `spec.source.persistentVolumeName: Invalid value: "": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    [`status: { attached: false, attachError: { message: ${'m'.repeat(1025)}, errorCode: -1 } }`,
      'status.attachError.message: Too long: may not be more than 262144 bytes',
      'status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive'],
    ['spec: { source: { persistentVolumeName: a, inlineVolumeSpec: { hostPath: { path: "/a" }, capacity: { storage: "1" }, accessModes: [ReadWriteOnce] } } }',
      'spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName'],
    ['spec: { source: { persistentVolumeName: null, inlineVolumeSpec: { hostPath: { path: "/a" } } } }',
      'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.accessModes: Required value'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(volumeAttachment, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})
