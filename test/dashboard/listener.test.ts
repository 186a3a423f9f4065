import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { silent } from '../../src-main/base/log.ts'
import { startDashboard } from '../../src-main/dashboard/listener.ts'
import { fakeClock } from '../fixtures/fake-clock.ts'

const user = { name: 'admin', groups: ['system:masters'] }

async function dashboard(port = 0) {
  const dir = mkdtempSync(join(tmpdir(), 'wheelhouse-dashboard-'))
  const rendererDir = join(dir, 'renderer')
  mkdirSync(join(rendererDir, 'assets'), { recursive: true })
  writeFileSync(join(rendererDir, 'index.html'), '<title>Wheelhouse</title>')
  writeFileSync(join(rendererDir, 'assets/index-abc123.js'), 'export {}')
  writeFileSync(join(dir, 'secret.txt'), 'secret')
  const clock = fakeClock()
  const asked: string[] = []
  const started = await startDashboard({
    port, rendererDir, clock, log: silent, user,
    facts: () => ({ notices: ['no engine'], version: '1', kubernetes: 'v1', runtime: 'simulated' }),
    api: {
      handle: async (req, res, who) => {
        asked.push(`${req.method} ${req.url} as ${who?.name}`)
        res.end('from the api')
      },
      upgrade: async (req, socket, _head, who) => {
        asked.push(`upgrade ${req.url} as ${who?.name}`)
        socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
      },
    },
  })
  onTestFinished(async () => {
    await started.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return { ...started, clock, asked, call: (path: string, headers = {}, method = 'GET') => call(started.port, path, headers, method) }
}

function call(port: number, path: string, headers: Record<string, string>, method: string): Promise<{ code: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, method, agent: false, headers: { host: `127.0.0.1:${port}`, ...headers } }, (res) => {
      let text = ''
      res.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => resolve({ code: res.statusCode ?? 0, headers: res.headers, text }))
    })
    req.on('upgrade', (res, socket) => {
      socket.destroy()
      resolve({ code: res.statusCode ?? 0, headers: res.headers, text: '' })
    })
    req.on('error', reject)
    req.end()
  })
}

async function signIn(board: Awaited<ReturnType<typeof dashboard>>): Promise<{ cookie: string }> {
  const answer = await board.call(new URL(board.signInUrl()).pathname + new URL(board.signInUrl()).search)
  return { cookie: answer.headers['set-cookie']![0]!.split(';')[0]! }
}

describe('signing in', () => {
  it('exchanges a token once for a cookie that scripts cannot read', async () => {
    const board = await dashboard()
    const link = new URL(board.url).search
    const first = await board.call(`/${link}`)
    expect([first.code, first.headers.location]).toEqual([303, '/'])
    expect(first.headers['set-cookie']?.[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/)
    const cookie = first.headers['set-cookie']![0]!.split(';')[0]!
    expect((await board.call('/', { cookie })).text).toContain('Wheelhouse')
    expect((await board.call(`/${link}`)).code).toBe(401)
    expect((await board.call(`/${link}`, { cookie })).code).toBe(303)
    expect((await board.call('/', {})).code).toBe(401)
    expect((await board.call('/', { cookie: `${cookie}x` })).code).toBe(401)
  })

  it('lets the first link wait, and voids a later one after 10 minutes', async () => {
    const board = await dashboard()
    const later = board.signInUrl()
    board.clock.advance(11 * 60 * 1000)
    expect((await board.call(`/${new URL(later).search}`)).code).toBe(401)
    expect((await board.call(`/${new URL(board.url).search}`)).code).toBe(303)
  })
})

describe('the listener', () => {
  it('serves files with their types, keeps hashed ones for ever, and the router\'s paths with the page', async () => {
    const board = await dashboard()
    const signed = await signIn(board)
    const script = await board.call('/assets/index-abc123.js', signed)
    expect([script.headers['content-type'], script.headers['cache-control']]).toEqual(['text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'])
    const page = await board.call('/workloads/default/web', signed)
    expect([page.code, page.headers['content-type'], page.headers['cache-control'], page.headers['x-content-type-options']]).toEqual([200, 'text/html; charset=utf-8', 'no-cache', 'nosniff'])
    expect(page.headers['content-security-policy']).toContain("default-src 'self'")
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect((await board.call('/assets/none.js', signed)).code).toBe(404)
    for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt', '/%00.txt']) {
      expect((await board.call(path, signed)).text).not.toContain('secret\n')
      expect((await board.call(path, signed)).code).toBe(404)
    }
  })

  it('forwards the API as the signed-in user, and nobody else', async () => {
    const board = await dashboard()
    const signed = await signIn(board)
    expect((await board.call('/api/v1/pods?limit=1', signed)).text).toBe('from the api')
    expect((await board.call('/apis', signed)).headers['content-security-policy']).toMatch(/^sandbox/)
    expect((await board.call('/api/v1/pods')).code).toBe(401)
    expect(board.asked).toEqual(['GET /api/v1/pods?limit=1 as admin', 'GET /apis as admin'])
  })

  it('tells the page about the cluster once somebody signed in', async () => {
    const board = await dashboard()
    expect((await board.call('/wheelhouse/notices')).code).toBe(401)
    expect(JSON.parse((await board.call('/wheelhouse/notices', await signIn(board))).text)).toMatchObject({ notices: ['no engine'] })
  })

  it('refuses other names, other origins, and writes and upgrades that name no origin', async () => {
    const board = await dashboard()
    const signed = await signIn(board)
    const origin = `http://127.0.0.1:${board.port}`
    const upgrade = { ...signed, connection: 'upgrade', upgrade: 'websocket' }
    const codes = await Promise.all([
      board.call('/api', { ...signed, host: `evil.example:${board.port}` }),
      board.call('/api', { ...signed, host: '127.0.0.1:1' }),
      board.call('/api', { ...signed, origin: 'http://evil.example' }),
      board.call('/api', { ...signed, origin: 'null' }),
      board.call('/api', signed, 'POST'),
      board.call('/api', upgrade),
      board.call('/api', { ...upgrade, origin: `http://localhost:${board.port}` }),
      board.call('/nothing', { ...upgrade, origin }),
    ])
    expect(codes.map(({ code }) => code)).toEqual(Array(8).fill(403))
    expect(board.asked).toEqual([])
    expect((await board.call('/api', { ...signed, origin }, 'POST')).code).toBe(200)
    expect((await board.call('/api', { ...upgrade, origin })).code).toBe(101)
    expect((await board.call('/api', { ...upgrade, cookie: '', origin })).code).toBe(401)
    const local = await board.call('/api', { ...signed, host: `localhost:${board.port}`, origin: `http://localhost:${board.port}` })
    expect(local.code).toBe(200)
  })

  it('takes the next free port when one is busy', async () => {
    const first = await dashboard()
    const second = await dashboard(first.port)
    expect(second.port).toBeGreaterThan(first.port)
    expect(new URL(second.url).port).toBe(String(second.port))
  })
})
