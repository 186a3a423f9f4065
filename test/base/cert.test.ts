import { X509Certificate } from 'node:crypto'
import { connect, createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createCa, createClientLeaf, createServerLeaf } from '../../src-main/base/cert.ts'

it('makes an authority and leaves that both ends of a TLS connection accept', async () => {
  const ca = await createCa('test', Date.now())
  const server = await createServerLeaf(ca, Date.now())
  const client = await createClientLeaf(ca, { name: 'jane', groups: ['dev', 'system:masters'] }, Date.now())
  const authority = new X509Certificate(ca.cert)
  expect(authority.ca).toBe(true)
  expect(Date.parse(authority.validTo)).toBeGreaterThan(Date.now() + 9.9 * 365 * 24 * 3600 * 1000)
  expect(new X509Certificate(server.cert).subjectAltName).toMatch(/DNS:kubernetes\.default\.svc\.cluster\.local.*IP Address:10\.96\.0\.1/)

  const subject = await new Promise((resolve, reject) => {
    const listener = createServer({ ...server, ca: ca.cert, requestCert: true, rejectUnauthorized: true }, (socket) => {
      resolve(socket.getPeerCertificate().subject)
      socket.end()
    })
    onTestFinished(() => void listener.close())
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address() as AddressInfo
      connect({ host: '127.0.0.1', port, ca: ca.cert, ...client }).on('error', reject).resume()
    })
  })
  expect(subject).toMatchObject({ CN: 'jane', O: ['dev', 'system:masters'] })
})

it('makes leaves that another authority does not vouch for', async () => {
  const [one, other] = [await createCa('one', Date.now()), await createCa('other', Date.now())]
  const leaf = new X509Certificate((await createServerLeaf(one, Date.now(), ['example.test', '10.0.0.9'])).cert)
  expect(leaf.verify(new X509Certificate(one.cert).publicKey)).toBe(true)
  expect(leaf.verify(new X509Certificate(other.cert).publicKey)).toBe(false)
  expect([leaf.checkHost('example.test'), leaf.checkIP('10.0.0.9')]).toEqual(['example.test', '10.0.0.9'])
})
