import type { KubeObject } from '../kinds/meta.ts'

/** Writes Events about objects. Equal events are counted on one object instead of written again. Never rejects. */
export interface Recorder {
  event(about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void
}
