import { ipcMain, shell } from 'electron'
import { z } from 'zod'
import type { ClusterProcess } from './cluster-process.ts'
import type { CommandName, Commands } from './contract.ts'
import { openExternal, sameOrigin } from './windows.ts'

const argumentsOf = {
  'cluster:state': z.tuple([]),
  'cluster:restart': z.tuple([]),
  'app:show-kubeconfig': z.tuple([]),
  'app:open-external': z.tuple([z.url()]),
} satisfies Record<CommandName, z.ZodType>

/** Answers the contract's commands, for pages of the dashboard's origin only. */
export function serveCommands(cluster: ClusterProcess): void {
  const handlers: { [N in CommandName]: (...args: Commands[N]['args']) => Commands[N]['result'] } = {
    'cluster:state': () => cluster.state,
    'cluster:restart': () => cluster.restart(),
    'app:show-kubeconfig': () => {
      if (cluster.state.phase === 'ready') shell.showItemInFolder(cluster.state.kubeconfig)
    },
    'app:open-external': openExternal,
  }
  for (const name of Object.keys(handlers) as CommandName[]) {
    ipcMain.handle(name, (event, ...args: unknown[]) => {
      if (!sameOrigin(event.senderFrame?.url ?? '', cluster.dashboard)) throw new Error(`${name} is refused to this page`)
      const checked = argumentsOf[name].parse(args)
      return (handlers[name] as (...args: unknown[]) => unknown)(...checked)
    })
  }
}
