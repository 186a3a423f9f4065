import type { Answer, RecordType } from 'dns-packet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordsOf } from '../../src-main/dns/records.ts'
import { answerFromZone, type Records } from '../../src-main/dns/zone.ts'
import type { World } from '../client/world.ts'
import { shop } from './fixture.ts'

let world: World
let records: Records
beforeAll(async () => {
  world = await shop()
  records = recordsOf(world.informers)
})
afterAll(() => world.end())

const line = (answer: Answer): string => {
  const data = 'data' in answer ? answer.data : ''
  return `${answer.name} ${answer.type} ${typeof data === 'object' ? JSON.stringify(data) : String(data)}`
}
/** The answers as lines, or the word for none. */
function look(name: string, type: RecordType = 'A') {
  const answer = answerFromZone({ name, type }, records, 'cluster.local')
  return answer.type === 'answers' ? answer.answers.map(line) : answer.type
}

test.each<[string, string, RecordType, string | string[]]>([
  ['a Service by its ClusterIP', 'web.shop.svc.cluster.local', 'A', ['web.shop.svc.cluster.local A 10.96.0.5']],
  ['in whatever case, as it was asked', 'WEB.Shop.svc.cluster.local', 'A', ['WEB.Shop.svc.cluster.local A 10.96.0.5']],
  ['no IPv6, though the name exists', 'web.shop.svc.cluster.local', 'AAAA', 'none'],
  ['a headless Service by its ready endpoints', 'db.shop.svc.cluster.local', 'A', ['db.shop.svc.cluster.local A 172.18.0.2', 'db.shop.svc.cluster.local A 172.18.0.3']],
  ['one endpoint by its hostname', 'db-0.db.shop.svc.cluster.local', 'A', ['db-0.db.shop.svc.cluster.local A 172.18.0.2']],
  ['one endpoint by its address', '172-18-0-3.db.shop.svc.cluster.local', 'A', ['172-18-0-3.db.shop.svc.cluster.local A 172.18.0.3']],
  ['no endpoint that is not ready', 'db-2.db.shop.svc.cluster.local', 'A', 'no such name'],
  ['a headless Service without endpoints, which exists', 'empty.shop.svc.cluster.local', 'A', 'none'],
  ['a named port of a ClusterIP', '_http._tcp.web.shop.svc.cluster.local', 'SRV', ['_http._tcp.web.shop.svc.cluster.local SRV {"priority":0,"weight":100,"port":80,"target":"web.shop.svc.cluster.local"}']],
  ['a named port by its protocol only', '_http._udp.web.shop.svc.cluster.local', 'SRV', 'no such name'],
  ['a named port of each endpoint', '_sql._tcp.db.shop.svc.cluster.local', 'SRV', [
    '_sql._tcp.db.shop.svc.cluster.local SRV {"priority":0,"weight":50,"port":5432,"target":"db-0.db.shop.svc.cluster.local"}',
    '_sql._tcp.db.shop.svc.cluster.local SRV {"priority":0,"weight":50,"port":5432,"target":"172-18-0-3.db.shop.svc.cluster.local"}',
  ]],
  ['an ExternalName as an alias', 'outside.shop.svc.cluster.local', 'A', ['outside.shop.svc.cluster.local CNAME example.org']],
  ['a pod by its address', '172-18-0-30.shop.pod.cluster.local', 'A', ['172-18-0-30.shop.pod.cluster.local A 172.18.0.30']],
  ['no pod by what is no address', '172-18-0.shop.pod.cluster.local', 'A', 'no such name'],
  ['no pod in a namespace that is none', '172-18-0-30.nowhere.pod.cluster.local', 'A', 'no such name'],
  ['a ClusterIP\'s name', '5.0.96.10.in-addr.arpa', 'PTR', ['5.0.96.10.in-addr.arpa PTR web.shop.svc.cluster.local']],
  ['an endpoint\'s name', '2.0.18.172.in-addr.arpa', 'PTR', ['2.0.18.172.in-addr.arpa PTR db-0.db.shop.svc.cluster.local']],
  ['a pod\'s name', '30.0.18.172.in-addr.arpa', 'PTR', ['30.0.18.172.in-addr.arpa PTR 172-18-0-30.shop.pod.cluster.local']],
  ['nobody\'s address to the world', '1.1.1.1.in-addr.arpa', 'PTR', 'outside'],
  ['the version of the specification', 'dns-version.cluster.local', 'TXT', ['dns-version.cluster.local TXT 1.1.0']],
  ['the steps of the tree, which exist', 'shop.svc.cluster.local', 'A', 'none'],
  ['the zone itself', 'cluster.local', 'A', 'none'],
  ['no Service that is none', 'nobody.shop.svc.cluster.local', 'A', 'no such name'],
  ['no namespace that is none', 'nowhere.svc.cluster.local', 'A', 'no such name'],
  ['a search path\'s guess with no', 'web.shop.svc.cluster.local.shop.svc.cluster.local', 'A', 'no such name'],
  ['another guess with no', 'example.org.cluster.local', 'A', 'no such name'],
  ['the world to the world', 'example.org', 'A', 'outside'],
  ['a name that only ends alike to the world', 'notcluster.local', 'A', 'outside'],
])('answers %s', (_title, name, type, expected) => {
  expect(look(name, type)).toEqual(expected)
})

test('gives the addresses of SRV targets along', () => {
  const answer = answerFromZone({ name: '_sql._tcp.db.shop.svc.cluster.local', type: 'SRV' }, records, 'cluster.local')
  expect(answer.type === 'answers' && answer.extra?.map(line)).toEqual([
    'db-0.db.shop.svc.cluster.local A 172.18.0.2', '172-18-0-3.db.shop.svc.cluster.local A 172.18.0.3',
  ])
})
