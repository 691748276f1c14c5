"""A pod's specification and status as JSON; a workload's template is the same specification."""

from fleetui.simulate.objects import Container, ContainerStatus, Pod, PodTemplate, Toleration
from fleetui.simulate.request import Document
from fleetui.simulate.wire_text import cores, filled, timestamp


def pod_body(thing: Pod) -> Document:
    spec = pod_spec(thing.template)
    if thing.node:
        spec["nodeName"] = thing.node
    status = {
        "phase": thing.phase,
        "conditions": _pod_conditions(thing),
        "qosClass": "Burstable",
        **filled(
            podIP=thing.ip,
            podIPs=[{"ip": thing.ip}] if thing.ip else [],
            startTime=timestamp(thing.started),
            containerStatuses=[
                _container_status(spec, status)
                for spec, status in zip(thing.template.containers, thing.containers, strict=False)
            ],
        ),
    }
    return {"spec": spec, "status": status}


def pod_spec(template: PodTemplate) -> Document:
    volumes = [{"name": name, "emptyDir": {}} for name in template.empty_dirs]
    volumes += [{"name": f"host-{n}", "hostPath": {"path": path}} for n, path in enumerate(template.host_paths)]
    volumes += [{"name": f"data-{n}", "persistentVolumeClaim": {"claimName": claim}}
                for n, claim in enumerate(template.claims)]  # fmt: skip
    return {
        "containers": [_container(each, template.gpus if n == 0 else 0) for n, each in enumerate(template.containers)],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": template.grace_s,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": "default",
        "securityContext": {},
        "schedulerName": "default-scheduler",
        "tolerations": [_toleration(each) for each in template.tolerations],
        **filled(volumes=volumes, nodeSelector=dict(template.node_selector), hostNetwork=template.host_network),
    }


def _container(each: Container, gpus: int) -> Document:
    requests = {"cpu": cores(each.cpu_m), "memory": f"{each.memory // 2**20}Mi"}
    limits = {"nvidia.com/gpu": str(gpus)} if gpus else {}
    return {
        "name": each.name,
        "image": each.image,
        "resources": {"requests": {**requests, **limits}, **filled(limits=limits)},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
    }


def _toleration(each: Toleration) -> Document:
    return {
        **filled(key=each.key),
        "operator": "Exists",
        **filled(effect=each.effect, tolerationSeconds=each.seconds),
    }


def _pod_conditions(pod: Pod) -> list[Document]:
    if not pod.node:
        reason = {"reason": "Unschedulable", "message": pod.unschedulable} if pod.unschedulable else {}
        return [_pod_condition("PodScheduled", False, pod.created, **reason)] if reason else []
    since = pod.ready_changed if pod.ready_changed is not None else pod.started
    why = {} if pod.ready else {"reason": "ContainersNotReady", "message": "containers with unready status"}
    conditions = [
        _pod_condition("Initialized", True, pod.started),
        _pod_condition("Ready", pod.ready, since, **why),
        _pod_condition("ContainersReady", pod.ready, since, **why),
        _pod_condition("PodScheduled", True, pod.created),
    ]
    if pod.evicted:
        target = {"reason": "EvictionByEvictionAPI", "message": "Eviction API: evicting"}
        conditions.append(_pod_condition("DisruptionTarget", True, pod.deletes_at, **target))
    return conditions


def _pod_condition(kind: str, true: bool, since: float | None, **why: str) -> Document:
    status = "True" if true else "False"
    return {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": timestamp(since), **why}


def _container_status(container: Container, status: ContainerStatus) -> Document:
    last: Document = {}
    if status.last_exit is not None:
        ended = timestamp(status.last_exit)
        last = {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": ended, "finishedAt": ended}}
    return {
        "name": container.name,
        "state": _container_state(status),
        "lastState": last,
        "ready": status.ready,
        "restartCount": status.restarts,
        "image": container.image,
        "imageID": "",
        "started": status.state == "running",
    }


def _container_state(status: ContainerStatus) -> Document:
    match status.state:
        case "running":
            return {"running": {"startedAt": timestamp(status.since)}}
        case "terminated":
            return {"terminated": {"exitCode": 0, "reason": status.reason, "finishedAt": timestamp(status.since)}}
    return {"waiting": {"reason": status.reason}}
