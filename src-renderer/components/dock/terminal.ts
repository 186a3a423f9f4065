import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import { exec } from '../../api/exec.ts'
import type { DockTab } from '../../stores/dock.ts'

export interface OpenTerminal {
  fit(): void
  close(): void
}

/** Images have different shells; this takes the best there is, in one exec. */
const shell = ['/bin/sh', '-c', 'command -v bash >/dev/null 2>&1 && exec bash || exec sh']

const colour = (name: string): string => {
  const canvas = document.createElement('canvas').getContext('2d')
  if (!canvas) return '#888888'
  const probe = document.createElement('i')
  probe.style.color = `var(--${name})`
  document.body.append(probe)
  canvas.fillStyle = getComputedStyle(probe).color
  probe.remove()
  canvas.fillRect(0, 0, 1, 1)
  const [r = 0, g = 0, b = 0] = canvas.getImageData(0, 0, 1, 1).data
  return `rgb(${r}, ${g}, ${b})`
}

/** A shell of a container on a terminal in `host`. */
export function openTerminal(host: HTMLElement, tab: DockTab, ended: (message: string) => void): OpenTerminal {
  const terminal = new Terminal({
    fontSize: 12,
    fontFamily: "ui-monospace, 'SF Mono', 'Cascadia Code', 'DejaVu Sans Mono', monospace",
    cursorBlink: false,
    theme: { background: colour('ground'), foreground: colour('text'), cursor: colour('accent'), selectionBackground: colour('accent-soft') },
  })
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  terminal.open(host)
  fit.fit()
  const session = exec({ namespace: tab.namespace, name: tab.pod }, tab.container, shell, {
    opened() {
      session.resize(terminal.cols, terminal.rows)
      terminal.focus()
    },
    output: (data) => terminal.write(data),
    ended,
  })
  terminal.onData((data) => session.write(data))
  terminal.onResize(({ cols, rows }) => session.resize(cols, rows))
  return {
    fit: () => fit.fit(),
    close() {
      session.close()
      terminal.dispose()
    },
  }
}
