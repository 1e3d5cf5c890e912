"""What a Python program does with a cluster; python.test.ts runs it. KUBECONFIG says which cluster."""

import json
import threading
import unittest

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.configmaplock import ConfigMapLock

NAMESPACE = "default"


def config_map(name, data, **metadata):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, **metadata), data=data)


class PythonClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        config.load_kube_config()
        cls.core = client.CoreV1Api()

    def fails(self, status, reason, call, *arguments, **options):
        """Makes a call that must fail; the Status that it got."""
        with self.assertRaises(ApiException) as caught:
            call(*arguments, **options)
        answer = json.loads(caught.exception.body)
        self.assertEqual((caught.exception.status, answer["reason"]), (status, reason))
        self.assertEqual((answer["kind"], answer["code"]), ("Status", status))
        return answer

    def test_objects_are_created_read_listed_replaced_patched_and_deleted(self):
        core = self.core
        made = core.create_namespaced_config_map(NAMESPACE, config_map("settings", {"a": "1"}, labels={"app": "a"}))
        self.assertIsNotNone(made.metadata.creation_timestamp.tzinfo)
        self.fails(409, "AlreadyExists", core.create_namespaced_config_map, NAMESPACE, config_map("settings", {}))
        listed = core.list_namespaced_config_map(NAMESPACE, label_selector="app in (a, b)")
        self.assertEqual([one.metadata.name for one in listed.items], ["settings"])
        everywhere = core.list_config_map_for_all_namespaces(field_selector="metadata.name=settings")
        self.assertEqual([one.metadata.namespace for one in everywhere.items], [NAMESPACE])

        made.data = {"a": "2"}
        replaced = core.replace_namespaced_config_map("settings", NAMESPACE, made)
        self.assertEqual(replaced.data, {"a": "2"})
        conflict = self.fails(409, "Conflict", core.replace_namespaced_config_map, "settings", NAMESPACE, made)
        self.assertIn("the object has been modified; please apply your changes to the latest version", conflict["message"])

        patched = core.patch_namespaced_config_map("settings", NAMESPACE, {"data": {"b": "3", "a": None}})
        self.assertEqual(patched.data, {"b": "3"})
        operations = [{"op": "test", "path": "/data/b", "value": "3"}, {"op": "add", "path": "/data/c", "value": "4"}]
        patched = core.patch_namespaced_config_map("settings", NAMESPACE, operations)
        self.assertEqual(patched.data, {"b": "3", "c": "4"})

        tried = core.patch_namespaced_config_map("settings", NAMESPACE, {"data": {"d": "5"}}, dry_run="All")
        self.assertEqual(tried.data["d"], "5")
        self.assertNotIn("d", core.read_namespaced_config_map("settings", NAMESPACE).data)
        core.delete_namespaced_config_map("settings", NAMESPACE, propagation_policy="Background")
        missing = self.fails(404, "NotFound", core.read_namespaced_config_map, "settings", NAMESPACE)
        self.assertEqual(missing["details"], {"name": "settings", "kind": "configmaps"})

    def test_what_is_invalid_is_refused_with_every_cause(self):
        body = {"metadata": {"name": "bad"}, "spec": {"containers": [{"name": "No", "image": "i"}], "restartPolicy": "Never"}}
        refused = self.fails(422, "Invalid", self.core.create_namespaced_pod, NAMESPACE, body)
        self.assertEqual([cause["field"] for cause in refused["details"]["causes"]], ["spec.containers[0].name"])
        self.fails(400, "BadRequest", self.core.create_namespaced_config_map, NAMESPACE, {"data": {"a": 1}})
        self.fails(400, "BadRequest", self.core.list_namespaced_pod, NAMESPACE, label_selector="a=b=c")

    def test_long_lists_come_in_pages(self):
        names = ["page-%d" % number for number in range(7)]
        for name in names:
            self.core.create_namespaced_secret(NAMESPACE, {"metadata": {"name": name, "labels": {"paged": "yes"}}})
        found, sizes, token = [], [], None
        while token != "":
            page = self.core.list_namespaced_secret(NAMESPACE, label_selector="paged=yes", limit=3, _continue=token)
            found += [one.metadata.name for one in page.items]
            sizes.append(len(page.items))
            token = page.metadata._continue or ""
        self.assertEqual((found, sizes), (names, [3, 3, 1]))
        self.core.delete_collection_namespaced_secret(NAMESPACE, label_selector="paged=yes")
        self.assertEqual(self.core.list_namespaced_secret(NAMESPACE, label_selector="paged=yes").items, [])

    def test_workloads_are_scaled_and_their_status_is_written(self):
        apps = client.AppsV1Api()
        labels = {"app": "web"}
        template = client.V1PodTemplateSpec(
            metadata=client.V1ObjectMeta(labels=labels),
            spec=client.V1PodSpec(containers=[client.V1Container(name="c", image="i:1")]),
        )
        spec = client.V1DeploymentSpec(replicas=1, selector=client.V1LabelSelector(match_labels=labels), template=template)
        apps.create_namespaced_deployment(
            NAMESPACE, client.V1Deployment(metadata=client.V1ObjectMeta(name="web"), spec=spec)
        )
        apps.patch_namespaced_deployment_scale("web", NAMESPACE, {"spec": {"replicas": 3}})
        self.assertEqual(apps.read_namespaced_deployment_scale("web", NAMESPACE).spec.replicas, 3)
        # A strategic merge: containers are told apart by name.
        more = {"spec": {"template": {"spec": {"containers": [{"name": "d", "image": "j"}]}}}}
        patched = apps.patch_namespaced_deployment("web", NAMESPACE, more)
        self.assertEqual(sorted(one.name for one in patched.spec.template.spec.containers), ["c", "d"])
        condition = {"type": "Progressing", "status": "True", "reason": "Tested", "message": "said by a test"}
        written = apps.patch_namespaced_deployment_status("web", NAMESPACE, {"status": {"conditions": [condition]}})
        self.assertEqual([one.message for one in written.status.conditions if one.type == "Progressing"], ["said by a test"])

    def test_a_watch_hears_what_happens(self):
        before = self.core.list_namespaced_config_map(NAMESPACE).metadata.resource_version

        def change():
            self.core.create_namespaced_config_map(NAMESPACE, config_map("watched", {"n": "1"}))
            self.core.patch_namespaced_config_map("watched", NAMESPACE, {"data": {"n": "2"}})
            self.core.delete_namespaced_config_map("watched", NAMESPACE)

        thread = threading.Thread(target=change)
        thread.start()
        heard = []
        watcher = watch.Watch()
        stream = watcher.stream(
            self.core.list_namespaced_config_map,
            NAMESPACE,
            field_selector="metadata.name=watched",
            resource_version=before,
            timeout_seconds=30,
        )
        for event in stream:
            heard.append((event["type"], event["object"].data["n"]))
            if event["type"] == "DELETED":
                watcher.stop()
        thread.join()
        self.assertEqual(heard, [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")])

    def test_manifests_are_created_as_they_stand(self):
        documents = [
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "made"}, "spec": {"ports": [{"port": 80}]}},
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "Role",
                "metadata": {"name": "made"},
                "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
            },
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "made"},
                "spec": {
                    "schedule": "0 0 * * *",
                    "jobTemplate": {
                        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}}
                    },
                },
            },
        ]
        utils.create_from_yaml(client.ApiClient(), yaml_objects=documents, namespace=NAMESPACE)
        with self.assertRaises(utils.FailToCreateError):
            utils.create_from_yaml(client.ApiClient(), yaml_objects=documents, namespace=NAMESPACE)

    def test_a_dynamic_client_finds_built_in_and_custom_kinds(self):
        schema = {
            "type": "object",
            "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer", "maximum": 9}}}},
        }
        definition = {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "widgets.python.example.com"},
            "spec": {
                "group": "python.example.com",
                "scope": "Namespaced",
                "names": {"plural": "widgets", "kind": "Widget"},
                "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
            },
        }
        unknowing = dynamic.DynamicClient(client.ApiClient())
        definitions = unknowing.resources.get(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition")
        definitions.create(body=definition)
        for event in definitions.watch(name="widgets.python.example.com", timeout=30):
            conditions = {one.type: one.status for one in event["object"].status.conditions or []}
            if conditions.get("Established") == "True":
                break
        # Finding no such kind, the client asks for discovery again.
        widgets = unknowing.resources.get(api_version="python.example.com/v1", kind="Widget")
        body = {"apiVersion": "python.example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 3}}
        made = widgets.create(body=body, namespace=NAMESPACE)
        self.assertEqual(made.spec.size, 3)
        merged = widgets.patch(
            body={"metadata": {"name": "w"}, "spec": {"size": 4}},
            namespace=NAMESPACE,
            content_type="application/merge-patch+json",
        )
        self.assertEqual((merged.spec.size, merged.metadata.generation), (4, 2))
        with self.assertRaises(dynamic.exceptions.UnprocessibleEntityError):
            widgets.create(body={**body, "metadata": {"name": "x"}, "spec": {"size": 10}}, namespace=NAMESPACE)
        self.assertEqual([one.metadata.name for one in widgets.get(namespace=NAMESPACE).items], ["w"])
        widgets.delete(name="w", namespace=NAMESPACE)
        with self.assertRaises(dynamic.exceptions.NotFoundError):
            widgets.get(name="w", namespace=NAMESPACE)
        maps = unknowing.resources.get(api_version="v1", kind="ConfigMap")
        self.assertEqual(maps.get(name="kube-root-ca.crt", namespace=NAMESPACE).kind, "ConfigMap")

    def test_of_two_candidates_one_leads_and_the_other_takes_over(self):
        leads = {"one": threading.Event(), "two": threading.Event()}
        stopped = threading.Event()

        def candidate(name, on_stop):
            lock = ConfigMapLock("leader", NAMESPACE, name)
            settings = electionconfig.Config(
                lock,
                lease_duration=1.5,
                renew_deadline=1.3,
                retry_period=1,
                onstarted_leading=leads[name].set,
                onstopped_leading=on_stop,
            )
            threading.Thread(target=leaderelection.LeaderElection(settings).run, daemon=True).start()
            return lock

        first = candidate("one", stopped.set)
        self.assertTrue(leads["one"].wait(30))
        candidate("two", lambda: None)
        # The first one loses its way to the server.
        self.assertFalse(leads["two"].is_set())
        first.update = lambda *_: False
        self.assertTrue(stopped.wait(30))
        self.assertTrue(leads["two"].wait(30))
        record = self.core.read_namespaced_config_map("leader", NAMESPACE).metadata.annotations
        self.assertEqual(json.loads(record["control-plane.alpha.kubernetes.io/leader"])["holderIdentity"], "two")


if __name__ == "__main__":
    unittest.main()
