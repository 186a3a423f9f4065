import { Command } from 'commander'
import { errorMessage } from '../base/log.ts'
import { version } from '../base/version.ts'
import { defaultDataDir } from './directories.ts'
import { readKubeconfig } from './kubeconfig.ts'
import { type ServeArguments, withServeOptions } from './options.ts'

/** The commands of `wheelhouse`. */
export async function run(): Promise<void> {
  const program = new Command('wheelhouse').description('Kubernetes in one window.').showHelpAfterError()

  withServeOptions(program.command('serve').description('run the cluster without a window')).action(async (args: ServeArguments) => {
    const { serve } = await import('./serve.ts')
    await serve(args)
  })

  program
    .command('kubeconfig')
    .description('print the kubeconfig of a cluster')
    .option('--data-dir <dir>', 'holds everything of the cluster', defaultDataDir())
    .action((args: { dataDir: string }) => {
      process.stdout.write(readKubeconfig(args.dataDir))
    })

  program
    .command('version')
    .description('print the version')
    .action(() => {
      process.stdout.write(`wheelhouse ${version.app}, Kubernetes ${version.gitVersion}\n`)
    })

  try {
    await program.parseAsync()
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\n`)
    process.exitCode = 1
  }
}
