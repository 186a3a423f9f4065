"""What the official Python client does against a cluster: `python_client.py KUBECONFIG Objects|Streams`, as a unittest run."""
import json
import logging
import os
import sys
import threading
import time
import unittest
from datetime import datetime

import yaml
from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.configmaplock import ConfigMapLock
from kubernetes.stream import portforward, stream

NAMESPACE = 'default'
FOLDER = os.path.dirname(os.path.abspath(__file__))


def eventually(what, look, seconds=30):
    """Waits until `look` gives something that is true."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError('gave up waiting for ' + what)
        time.sleep(0.05)


def config_map(name, labels=None, data=None):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data=data)


class Objects(unittest.TestCase):
    def setUp(self):
        self.core = client.CoreV1Api()
        self.apps = client.AppsV1Api()
        self.custom = client.CustomObjectsApi()

    def refusal(self, status, act):
        with self.assertRaises(ApiException) as caught:
            act()
        self.assertEqual(caught.exception.status, status)
        return json.loads(caught.exception.body)

    def test_versions_and_groups(self):
        self.assertRegex(client.VersionApi().get_code().git_version, r'^v1\.36\.\d+\+wheelhouse')
        self.assertIn('apps', [group.name for group in client.ApisApi().get_api_versions().groups])
        self.assertIn('pods', [resource.name for resource in self.core.get_api_resources().resources])

    def test_typed_objects(self):
        labels = {'app': 'typed'}
        container = client.V1Container(name='web', image='busybox:1', ports=[client.V1ContainerPort(container_port=80)])
        template = client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels=labels), spec=client.V1PodSpec(containers=[container]))
        spec = client.V1DeploymentSpec(replicas=2, selector=client.V1LabelSelector(match_labels=labels), template=template)
        made = self.apps.create_namespaced_deployment(NAMESPACE, client.V1Deployment(metadata=client.V1ObjectMeta(name='typed'), spec=spec))
        self.assertIsInstance(made.metadata.creation_timestamp, datetime)
        eventually('two replicas', lambda: self.apps.read_namespaced_deployment_status('typed', NAMESPACE).status.ready_replicas == 2)

        patched = self.apps.patch_namespaced_deployment('typed', NAMESPACE, {'spec': {'template': {'spec': {'containers': [{'name': 'web', 'image': 'busybox:2'}]}}}})
        self.assertEqual([(each.name, each.image, each.ports[0].container_port) for each in patched.spec.template.spec.containers], [('web', 'busybox:2', 80)])
        listed = self.apps.patch_namespaced_deployment('typed', NAMESPACE, [{'op': 'add', 'path': '/metadata/annotations/note', 'value': 'json patch'}])
        self.assertEqual(listed.metadata.annotations['note'], 'json patch')
        self.assertEqual(self.apps.patch_namespaced_deployment_scale('typed', NAMESPACE, {'spec': {'replicas': 1}}).spec.replicas, 1)

        stale = made
        stale.spec.replicas = 5
        self.assertEqual(self.refusal(409, lambda: self.apps.replace_namespaced_deployment('typed', NAMESPACE, stale))['reason'], 'Conflict')
        self.apps.delete_namespaced_deployment('typed', NAMESPACE, propagation_policy='Background')
        eventually('no pods', lambda: not self.core.list_namespaced_pod(NAMESPACE, label_selector='app=typed').items)

    def test_errors(self):
        wrong = self.refusal(422, lambda: self.core.create_namespaced_config_map(NAMESPACE, config_map('Wrong')))
        self.assertEqual((wrong['reason'], wrong['details']['causes'][0]['field']), ('Invalid', 'metadata.name'))
        self.core.create_namespaced_config_map(NAMESPACE, config_map('once'))
        again = self.refusal(409, lambda: self.core.create_namespaced_config_map(NAMESPACE, config_map('once')))
        self.assertEqual((again['reason'], again['message']), ('AlreadyExists', 'configmaps "once" already exists'))
        self.assertEqual(self.refusal(404, lambda: self.core.read_namespaced_config_map('none', NAMESPACE))['message'], 'configmaps "none" not found')

    def test_list_and_watch(self):
        for at in range(5):
            self.core.create_namespaced_config_map(NAMESPACE, config_map('watched-%d' % at, {'watched': 'yes'}))
        known, token = {}, None
        while True:
            page = self.core.list_namespaced_config_map(NAMESPACE, label_selector='watched=yes', limit=2, _continue=token)
            known.update({each.metadata.name: each for each in page.items})
            token = page.metadata._continue
            if not token:
                break
        self.assertEqual(sorted(known), ['watched-%d' % at for at in range(5)])

        self.core.delete_namespaced_config_map('watched-0', NAMESPACE)
        self.core.patch_namespaced_config_map('watched-1', NAMESPACE, {'data': {'a': 'b'}})
        self.core.patch_namespaced_config_map('watched-2', NAMESPACE, {'metadata': {'labels': {'watched': None}}})
        self.core.create_namespaced_config_map(NAMESPACE, config_map('watched-5', {'watched': 'yes'}))
        seen, watcher = [], watch.Watch()
        for event in watcher.stream(self.core.list_namespaced_config_map, NAMESPACE, label_selector='watched=yes', resource_version=page.metadata.resource_version, timeout_seconds=20):
            seen.append((event['type'], event['object'].metadata.name))
            if len(seen) == 4:
                watcher.stop()
        self.assertEqual(seen, [('DELETED', 'watched-0'), ('MODIFIED', 'watched-1'), ('DELETED', 'watched-2'), ('ADDED', 'watched-5')])
        self.core.delete_collection_namespaced_config_map(NAMESPACE, label_selector='watched=yes')
        self.assertEqual(self.core.list_namespaced_config_map(NAMESPACE, label_selector='watched=yes').items, [])

    def test_watch_again(self):
        def create(name):
            self.core.create_namespaced_config_map(NAMESPACE, config_map(name, {'again': 'yes'}))
        seen, watcher = [], watch.Watch()
        version = self.core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
        for at in range(3):
            create('during-%d' % at)
            for event in watcher.stream(self.core.list_namespaced_config_map, NAMESPACE, label_selector='again=yes', resource_version=version, allow_watch_bookmarks=True, timeout_seconds=1):
                if event['type'] != 'BOOKMARK':
                    seen.append((event['type'], event['object'].metadata.name))
                version = event['object'].metadata.resource_version
            create('between-%d' % at)
        names = ['during-0', 'between-0', 'during-1', 'between-1', 'during-2']
        self.assertEqual(seen, [('ADDED', name) for name in names])

    def test_files(self):
        api = client.ApiClient()
        made = utils.create_from_yaml(api, os.path.join(FOLDER, 'guestbook.yaml'))
        self.assertEqual(sorted(each[0].kind for each in made), ['ConfigMap', 'Deployment', 'Ingress', 'Namespace', 'Role', 'Service'])
        self.core.delete_namespace('guestbook')
        eventually('the end of the namespace', lambda: 'guestbook' not in [each.metadata.name for each in self.core.list_namespace().items])

    def test_custom_objects(self):
        with open(os.path.join(FOLDER, 'website-crd.yaml')) as file:
            definition = yaml.safe_load(file)
        definitions = client.ApiextensionsV1Api()
        definitions.create_custom_resource_definition(definition)

        def established():
            conditions = definitions.read_custom_resource_definition('websites.example.com').status.conditions or []
            return [each for each in conditions if each.type == 'Established' and each.status == 'True']
        eventually('Established', established)
        at = ('example.com', 'v1', NAMESPACE, 'websites')
        body = {'apiVersion': 'example.com/v1', 'kind': 'Website', 'metadata': {'name': 'blog'}, 'spec': {'page': 'hello'}}
        self.assertEqual(self.custom.create_namespaced_custom_object(*at, body)['spec'], {'page': 'hello', 'replicas': 1, 'image': 'busybox:1'})
        self.assertEqual(self.custom.patch_namespaced_custom_object(*at, 'blog', {'spec': {'page': 'again'}})['spec']['page'], 'again')
        scaled = self.custom.patch_namespaced_custom_object_scale(*at, 'blog', {'spec': {'replicas': 4}})
        self.assertEqual((scaled['kind'], scaled['spec']['replicas']), ('Scale', 4))
        status = self.custom.patch_namespaced_custom_object_status(*at, 'blog', {'status': {'replicas': 4}, 'spec': {'page': 'no'}})
        self.assertEqual((status['status'], status['spec']['page']), ({'replicas': 4}, 'again'))

        found = dynamic.DynamicClient(client.ApiClient())
        websites = found.resources.get(api_version='example.com/v1', kind='Website')
        self.assertEqual([each.metadata.name for each in websites.get(namespace=NAMESPACE).items], ['blog'])
        websites.create(namespace=NAMESPACE, body=dict(body, metadata={'name': 'shop'}))
        websites.patch(namespace=NAMESPACE, name='shop', body={'spec': {'replicas': 2}}, content_type='application/merge-patch+json')
        self.assertEqual(websites.get(namespace=NAMESPACE, name='shop').spec.replicas, 2)
        websites.delete(namespace=NAMESPACE, name='shop')
        definitions.delete_custom_resource_definition('websites.example.com')

    def test_dynamic_client(self):
        found = dynamic.DynamicClient(client.ApiClient())
        maps = found.resources.get(api_version='v1', kind='ConfigMap')

        def apply(data, field_manager, **more):
            body = {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'applied'}, 'data': data}
            return maps.server_side_apply(namespace=NAMESPACE, name='applied', body=json.dumps(body), field_manager=field_manager, **more)
        apply({'a': '1'}, 'one')
        with self.assertRaises(dynamic.exceptions.ConflictError) as caught:
            apply({'a': '2'}, 'two')
        self.assertEqual(json.loads(caught.exception.body)['message'], 'Apply failed with 1 conflict: conflict with "one": .data.a')
        apply({'a': '2', 'b': '3'}, 'two', force_conflicts=True)
        self.assertEqual(maps.get(namespace=NAMESPACE, name='applied').to_dict()['data'], {'a': '2', 'b': '3'})
        apply({'a': '2'}, 'two')
        self.assertEqual(maps.get(namespace=NAMESPACE, name='applied').to_dict()['data'], {'a': '2'})
        for event in maps.watch(namespace=NAMESPACE, name='applied', timeout=20):
            self.assertEqual((event['type'], event['object'].metadata.name), ('ADDED', 'applied'))
            break
        maps.delete(namespace=NAMESPACE, name='applied')

    def test_tokens(self):
        self.core.create_namespaced_service_account(NAMESPACE, client.V1ServiceAccount(metadata=client.V1ObjectMeta(name='reader')))
        token = self.core.create_namespaced_service_account_token('reader', NAMESPACE, client.AuthenticationV1TokenRequest(spec=client.V1TokenRequestSpec(audiences=[], expiration_seconds=600))).status.token
        own = client.Configuration.get_default_copy()
        own.api_key = {'authorization': 'Bearer ' + token}
        reader = client.CoreV1Api(client.ApiClient(own))
        forbidden = self.refusal(403, lambda: reader.list_namespaced_secret(NAMESPACE))
        self.assertEqual(forbidden['message'], 'secrets is forbidden: User "system:serviceaccount:default:reader" cannot list resource "secrets" in API group "" in the namespace "default"')
        reviews = client.AuthorizationV1Api()
        attributes = client.V1ResourceAttributes(namespace=NAMESPACE, verb='list', resource='secrets')
        review = reviews.create_subject_access_review(client.V1SubjectAccessReview(spec=client.V1SubjectAccessReviewSpec(user='system:serviceaccount:default:reader', resource_attributes=attributes)))
        self.assertFalse(review.status.allowed)

    def test_leader_election(self):
        led = {'first': threading.Event(), 'second': threading.Event()}

        def candidate(name):
            lock = ConfigMapLock('election', NAMESPACE, name)
            terms = electionconfig.Config(lock, lease_duration=4, renew_deadline=3, retry_period=1, onstarted_leading=led[name].set, onstopped_leading=None)
            threading.Thread(target=leaderelection.LeaderElection(terms).run, daemon=True).start()
        candidate('first')
        self.assertTrue(led['first'].wait(20))
        candidate('second')
        record = eventually('a renewal', lambda: self.core.read_namespaced_config_map('election', NAMESPACE).metadata.annotations)
        self.assertEqual(json.loads(record['control-plane.alpha.kubernetes.io/leader'])['holderIdentity'], 'first')
        self.assertFalse(led['second'].is_set())


class Streams(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.core = client.CoreV1Api()
        script = 'mkdir /www; echo served > /www/index.html; httpd -p 8080 -h /www; i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo line $i; done; sleep 3600'
        container = client.V1Container(name='main', image=os.environ['TEST_IMAGE'], command=['sh', '-c', script])
        eventually('the service account', lambda: cls.core.list_namespaced_service_account(NAMESPACE).items)
        cls.core.create_namespaced_pod(NAMESPACE, client.V1Pod(metadata=client.V1ObjectMeta(name='streams'), spec=client.V1PodSpec(containers=[container], termination_grace_period_seconds=0)))
        eventually('a running pod', lambda: cls.core.read_namespaced_pod_status('streams', NAMESPACE).status.phase == 'Running')

    def test_exec(self):
        out = stream(self.core.connect_get_namespaced_pod_exec, 'streams', NAMESPACE, command=['echo', 'hello'], stdout=True, stderr=True, stdin=False, tty=False)
        self.assertEqual(out, 'hello\n')
        shell = stream(self.core.connect_get_namespaced_pod_exec, 'streams', NAMESPACE, command=['sh'], stdout=True, stderr=True, stdin=True, tty=False, _preload_content=False)
        shell.write_stdin('echo out\n')
        self.assertEqual(shell.readline_stdout(timeout=10), 'out')
        shell.write_stdin('echo err >&2\n')
        self.assertEqual(shell.readline_stderr(timeout=10), 'err')
        shell.write_stdin('exit 7\n')
        shell.run_forever(timeout=10)
        self.assertEqual(shell.returncode, 7)

    def test_logs(self):
        eventually('the log', lambda: 'line 3' in self.core.read_namespaced_pod_log('streams', NAMESPACE))
        self.assertEqual(self.core.read_namespaced_pod_log('streams', NAMESPACE, tail_lines=1), 'line 3\n')
        lines, follower = [], watch.Watch()
        for line in follower.stream(self.core.read_namespaced_pod_log, 'streams', NAMESPACE):
            lines.append(line)
            if len(lines) == 3:
                follower.stop()
                break
        self.assertEqual(lines, ['line 1', 'line 2', 'line 3'])

    def test_port_forward(self):
        forwarded = portforward(self.core.connect_get_namespaced_pod_portforward, 'streams', NAMESPACE, ports='8080')
        http = forwarded.socket(8080)
        http.setblocking(True)
        http.settimeout(10)
        http.sendall(b'GET /index.html HTTP/1.0\r\n\r\n')
        answer = b''
        while b'served\n' not in answer:
            answer += http.recv(1024)
        self.assertIn(b'200 OK', answer)
        self.assertIsNone(forwarded.error(8080))
        http.close()


if __name__ == '__main__':
    kubeconfig = sys.argv.pop(1)
    config.load_kube_config(kubeconfig)
    logging.disable()  # the election talks in the middle of the report
    unittest.main(verbosity=2, warnings='ignore')
