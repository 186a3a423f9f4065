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

/** JSON that is to be written as YAML. */
export interface YamlWriting {
  readonly json: string
}

export interface YamlText {
  readonly text: string
}

export type YamlReply = YamlJson | YamlText | { readonly error: string }

/**
 * Up to this size YAML is read where it arrives. Reading it is many times slower than JSON, and slower yet before V8 knows
 * the way: what is larger goes to a thread, so that nobody else waits for it.
 */
const hereBytes = 8 * 1024
/** Writing it is faster, and starting a thread takes time too. */
const writtenHereLength = 32 * 1024
/** For the thread. Three MiB of ordinary manifests take about one second. */
const patienceMs = 15_000
/** Of the thread's own time, three times that: others wait for their turn, and not for texts that are made to be slow. */
const workMs = 6000
const lookMs = 250
const memoryMb = 384

/**
 * What a YAML text says. Rejects with a sentence for what is not YAML, is too deep, too long without its aliases, or takes
 * too long to read.
 */
export const readYaml = (task: YamlTask): Promise<YamlJson> => (task.text.length > hereBytes ? threads[task.text.length > longBytes ? 'long' : 'short'].run<YamlJson>(task) : readHere(task))

async function readHere(task: YamlTask): Promise<YamlJson> {
  // loading it costs start-up time, and most clients send JSON
  const { yamlToJson } = await import('./yaml-json.ts')
  return yamlToJson(task)
}

/** JSON as YAML, as Kubernetes writes it: 1.1, keys in the order of their names. Rejects for what takes too long. */
export async function writeYaml(json: string): Promise<string> {
  if (json.length > writtenHereLength) return (await threads.writing.run<YamlText>({ json })).text
  const { yamlOf } = await import('./yaml-text.ts')
  return yamlOf(json)
}

/** Above this size a text waits for other such texts alone: what is read within a moment waits for nothing that takes many seconds. */
const longBytes = 256 * 1024

/** One thread at a time: however many send large texts, they share one core and its memory. */
class YamlThreads {
  #last: Promise<unknown> = Promise.resolve()

  run<T extends YamlJson | YamlText>(task: YamlTask | YamlWriting): Promise<T> {
    const mine = this.#last.then(() => inThread<T>(task))
    this.#last = mine.catch(() => undefined)
    return mine
  }
}

const threads = { short: new YamlThreads(), long: new YamlThreads(), writing: new YamlThreads() }

async function inThread<T extends YamlJson | YamlText>(task: YamlTask | YamlWriting): Promise<T> {
  const worker = new Worker(workerUrl(), { workerData: task, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: memoryMb } })
  try {
    const reply = await new Promise<YamlReply>((resolve, reject) => {
      const late = 'yaml: takes too long; use JSON, or smaller parts'
      const timer = setTimeout(() => resolve({ error: late }), patienceMs)
      const look = setInterval(() => void worker.cpuUsage().then(({ user }) => user > workMs * 1000 && resolve({ error: late }), () => undefined), lookMs)
      worker.on('message', resolve).on('error', reject).on('exit', () => reject(new Error('yaml: the thread for YAML ended early')))
      worker.on('exit', () => {
        clearTimeout(timer)
        clearInterval(look)
      })
    })
    if ('error' in reply) throw new Error(reply.error)
    return reply as T
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
