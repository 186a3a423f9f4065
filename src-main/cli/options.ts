import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ClusterOptions } from '../cluster.ts'
import { defaultDataDir } from './directories.ts'

/** What a person may set on the command line; everything else of ClusterOptions comes from where it runs. */
export type ServeArguments = Omit<ClusterOptions, 'rendererDir' | 'resourcesDir' | 'since' | 'log'> & { readonly json: boolean }

const wholeNumber = (max: number) => (text: string): number => {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > max) throw new InvalidArgumentError(`must be a whole number from 0 to ${max}.`)
  return value
}

/** The options that `npm start`, the window and `wheelhouse serve` share. */
export function withServeOptions(command: Command): Command {
  return command
    .option('--data-dir <dir>', 'holds everything of this cluster', defaultDataDir())
    .option('--api-port <port>', 'port of the Kubernetes API, 0 for a free one', wholeNumber(65535), 6443)
    .option('--dashboard-port <port>', 'port of the dashboard, 0 for a free one', wholeNumber(65535), 7443)
    .addOption(
      new Option('--runtime <runtime>', 'what runs the containers; auto is Docker when an engine answers')
        .choices(['auto', 'docker', 'simulated'])
        .default('auto'),
    )
    .option('--nodes <n>', 'nodes on the Docker engine', wholeNumber(100), 1)
    .option('--simulated-nodes <n>', 'nodes whose pods are only pretended', wholeNumber(5000), 0)
    .option('--encryption-key-file <file>', 'encrypt Secrets on disk with the 32 bytes in this file, raw or in base64')
    .option('--audit-log <file>', 'write who asked what of the API to this file, as JSON lines')
    .option('--ephemeral', 'remove the containers and the data at the end', false)
    .option('--json', 'print one JSON line when ready, and log JSON', false)
}
