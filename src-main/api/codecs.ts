import type { Codec } from './codec.ts'
import { jsonCodec, prettyCodec, yamlCodec } from './codec-json.ts'
import { protobufCodec } from './codec-protobuf.ts'
import type { Wanted } from './negotiate.ts'

const codecs: Readonly<Record<Wanted['format'], Codec>> = { json: jsonCodec, yaml: yamlCodec, protobuf: protobufCodec }

export const codecOf = ({ format }: Wanted, pretty = false): Codec => (pretty && format === 'json' ? prettyCodec : codecs[format])
