import { Worker } from 'node:worker_threads'

export interface YamlTask {
  readonly text: string
  /** Of the JSON that it stands for. */
  readonly mostBytes: number
  readonly maxDepth: number
}

export interface YamlJson {
  readonly json: string
  /** A sentence for each key that stands twice; the last one counts. */
  readonly duplicates: readonly string[]
}

export type YamlReply = YamlJson | { readonly error: string }

/**
 * Up to this size YAML is read where it arrives. Reading it is 50 times slower than JSON, and texts made to be slow take
 * several milliseconds a KiB: what is larger goes to a thread, so that nobody else waits for it.
 */
const hereBytes = 8 * 1024
/** For the thread. Three MiB of ordinary manifests take about two seconds. */
const patienceMs = 15_000
const memoryMb = 384

/**
 * What a YAML text says. Rejects with a sentence for what is not YAML, is too deep, too long without its aliases, or takes
 * too long to read.
 */
export const readYaml = (task: YamlTask): Promise<YamlJson> => (task.text.length > hereBytes ? threads[task.text.length > longBytes ? 'long' : 'short'].run(task) : readHere(task))

async function readHere(task: YamlTask): Promise<YamlJson> {
  // loading the parser costs start-up time, and most clients send JSON
  const { yamlToJson } = await import('./yaml-json.ts')
  return yamlToJson(task)
}

/** Above this size a text waits for other such texts alone: what is read within a moment waits for nothing that takes many seconds. */
const longBytes = 256 * 1024

/** One thread at a time: however many send large texts, they share one core and its memory. */
class YamlThreads {
  #last: Promise<unknown> = Promise.resolve()

  run(task: YamlTask): Promise<YamlJson> {
    const mine = this.#last.then(() => inThread(task))
    this.#last = mine.catch(() => undefined)
    return mine
  }
}

const threads = { short: new YamlThreads(), long: new YamlThreads() }

async function inThread(task: YamlTask): Promise<YamlJson> {
  const worker = new Worker(workerUrl(), { workerData: task, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: memoryMb } })
  try {
    const reply = await new Promise<YamlReply>((resolve, reject) => {
      const late = `yaml: takes longer than ${patienceMs / 1000} s to read; send it as JSON, or in smaller parts`
      const timer = setTimeout(() => resolve({ error: late }), patienceMs)
      worker.on('message', resolve).on('error', reject).on('exit', () => reject(new Error('yaml: the thread that reads YAML ended early')))
      worker.on('exit', () => clearTimeout(timer))
    })
    if ('error' in reply) throw new Error(reply.error)
    return reply
  } finally {
    await worker.terminate()
  }
}

/** Beside this file; once bundled, above the folder of the chunks. */
function workerUrl(): URL {
  const here = import.meta.url
  const name = here.endsWith('.ts') ? './yaml-worker.ts' : here.includes('/chunks/') ? '../yaml-worker.js' : './yaml-worker.js'
  return new URL(name, here)
}
