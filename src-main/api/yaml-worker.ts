import { parentPort, workerData } from 'node:worker_threads'
import { errorMessage } from '../base/log.ts'
import { yamlToJson } from './yaml-json.ts'
import { yamlOf } from './yaml-text.ts'
import type { YamlReply, YamlTask, YamlWriting } from './yaml.ts'

function reply(task: YamlTask | YamlWriting): YamlReply {
  try {
    return 'json' in task ? { text: yamlOf(task.json) } : yamlToJson(task)
  } catch (error) {
    return { error: errorMessage(error) }
  }
}

parentPort?.postMessage(reply(workerData as YamlTask | YamlWriting))
