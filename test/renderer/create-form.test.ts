import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import CreateForm from '../../src-renderer/components/workload/CreateForm.vue'

/** A socket that never answers: the form needs no events. */
class SilentSocket {
  onopen = null
  onmessage = null
  onclose = null
  close() {}
}

interface Sent {
  url: string
  method: string
  body: unknown
}
let sent: Sent[]
let refusal: { status: number; body: object } | undefined
let router: Router

beforeEach(() => {
  sent = []
  refusal = undefined
  vi.stubGlobal('WebSocket', SilentSocket)
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    if (init.method !== 'POST') return Response.json({ metadata: { resourceVersion: '1' }, items: [{ metadata: { name: 'default' } }, { metadata: { name: 'shop' } }] })
    const body = JSON.parse(String(init.body)) as object
    sent.push({ url, method: init.method, body })
    return refusal ? Response.json(refusal.body, { status: refusal.status }) : Response.json(body, { status: 201 })
  })
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: { template: '<i />' } }] })
})
afterEach(() => vi.unstubAllGlobals())

async function form() {
  const wrapper = mount(CreateForm, { attachTo: document.body, global: { plugins: [createPinia(), router] } })
  await flushPromises()
  const field = (label: string) => {
    const found = wrapper.findAll('label').find((l) => l.text().startsWith(label))
    return wrapper.find<HTMLInputElement>(`[id="${found?.attributes('for')}"]`)
  }
  return { wrapper, field, submit: async () => { await wrapper.find('form').trigger('submit'); await flushPromises() } }
}

describe('the form of a new workload', () => {
  it('sends nothing while a field is wrong, and says at the field what is', async () => {
    const { wrapper, field, submit } = await form()
    await field('Name').setValue('Not A Name')
    await submit()
    expect(sent).toEqual([])
    expect(wrapper.findAll('[role=alert]').map((e) => e.text()).join(' ')).toContain('Lower-case letters')
    expect(field('Name').attributes('aria-invalid')).toBe('true')
    expect(field('Image').attributes('aria-invalid')).toBe('true')
    wrapper.unmount()
  })

  it('says on its button what it will do, creates that, and opens it', async () => {
    const { wrapper, field, submit } = await form()
    await field('Name').setValue('web')
    await field('Image').setValue('busybox:1.37')
    await field('Port').setValue('8080')
    expect(wrapper.find('button[type=submit]').text()).toBe('Create deployment web')
    await submit()
    expect(sent).toMatchObject([{ url: '/apis/apps/v1/namespaces/default/deployments', body: { kind: 'Deployment', metadata: { name: 'web' } } }])
    expect(router.currentRoute.value.fullPath).toBe('/workloads/deployments?show=deployments/default/web')
    wrapper.unmount()
  })

  it('shows what the cluster refused, and keeps what was typed', async () => {
    refusal = { status: 409, body: { kind: 'Status', reason: 'AlreadyExists', message: 'deployments.apps "web" already exists' } }
    const { wrapper, field, submit } = await form()
    await field('Name').setValue('web')
    await field('Image').setValue('busybox:1.37')
    await submit()
    expect(wrapper.text()).toContain('That name is taken')
    expect(wrapper.text()).toContain('deployments.apps "web" already exists')
    expect(field('Name').element.value).toBe('web')
    wrapper.unmount()
  })
})
