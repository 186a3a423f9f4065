import { parentPort, workerData } from 'node:worker_threads'
import { errorMessage } from '../base/log.ts'
import { yamlToJson } from './yaml-json.ts'
import type { YamlReply, YamlTask } from './yaml.ts'

function read(): YamlReply {
  try {
    return yamlToJson(workerData as YamlTask)
  } catch (error) {
    return { error: errorMessage(error) }
  }
}

parentPort?.postMessage(read())
