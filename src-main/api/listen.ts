import type { Server } from 'node:net'

/** How many ports behind a busy one are tried. */
const tries = 100

/**
 * Listens on the port, or on the next free one when it is busy; 0 takes any. Resolves with the port.
 *
 * Rejects with the system's error when the address is not ours, or none of 100 ports is free.
 */
export async function listenNear(server: Server, port: number, host: string): Promise<number> {
  for (let candidate = port; ; candidate++) {
    try {
      return await listen(server, candidate, host)
    } catch (error) {
      const busy = ['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')
      if (!busy || candidate >= Math.min(port + tries, 65535)) throw error
    }
  }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}
