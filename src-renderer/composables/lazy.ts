import { defineAsyncComponent, type Component } from 'vue'

const attempts = 4
const pauseMs = 300

/** A browser drops requests when the machine's networks change, as they do when containers start: ask again. */
export async function persist<T>(load: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await load()
    } catch (error) {
      if (attempt === attempts) throw error
      await new Promise((resolve) => setTimeout(resolve, pauseMs * attempt))
    }
  }
}

/** A component that is loaded when it is first shown. */
export const lazy = <T extends Component>(load: () => Promise<{ default: T }>): T => defineAsyncComponent(() => persist(async () => (await load()).default))
