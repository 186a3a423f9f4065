import type { Bridge } from '../../src-main/shell/contract.ts'

declare global {
  interface Window {
    readonly wheelhouse?: Bridge
  }
}

/** What the desktop shell offers this page; absent in an ordinary browser. The only look at `window.wheelhouse`. */
export const bridge = (): Bridge | undefined => window.wheelhouse

export const onMac = (): boolean => navigator.platform.toLowerCase().startsWith('mac')
