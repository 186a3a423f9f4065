import { createRouter, createWebHistory, type RouteRecordRaw, type Router } from 'vue-router'
import { persist } from './composables/lazy.ts'
import OverviewPage from './pages/OverviewPage.vue'

const routes: RouteRecordRaw[] = [
  { path: '/', component: OverviewPage, meta: { title: 'Overview' } },
  { path: '/workloads', redirect: (to) => ({ path: '/workloads/deployments', query: to.query }) },
  { path: '/workloads/:plural(deployments|replicasets|replicationcontrollers|pods)', component: () => persist(() => import('./pages/WorkloadsPage.vue')), meta: { title: 'Workloads' } },
  { path: '/create', component: () => persist(() => import('./pages/CreatePage.vue')), meta: { title: 'Create workload' } },
  { path: '/services', component: () => persist(() => import('./pages/ServicesPage.vue')), meta: { title: 'Services' } },
  { path: '/traffic/:namespace?/:name?', component: () => persist(() => import('./pages/TrafficPage.vue')), meta: { title: 'Traffic' } },
  { path: '/config', redirect: '/config/configmaps' },
  { path: '/config/:plural(configmaps|secrets)', component: () => persist(() => import('./pages/ConfigPage.vue')), meta: { title: 'Config' } },
  { path: '/nodes', component: () => persist(() => import('./pages/NodesPage.vue')), meta: { title: 'Nodes' } },
  { path: '/events', component: () => persist(() => import('./pages/EventsPage.vue')), meta: { title: 'Events' } },
  { path: '/resource/:plural/:namespace/:name', component: () => persist(() => import('./pages/ResourcePage.vue')), meta: { title: 'Resource' } },
  { path: '/:rest(.*)*', redirect: '/' },
]

export function createAppRouter(): Router {
  const router = createRouter({ history: createWebHistory(), routes })
  router.afterEach((to) => {
    document.title = `${typeof to.meta.title === 'string' ? `${to.meta.title} · ` : ''}Wheelhouse`
  })
  return router
}
