import { changePodTemplates, setFlags, splitAssignments } from '../../change/pod-template-verb.ts';
import type { EditableContainer, EditablePodSpec } from '../../change/pod-template-verb.ts';
import { CommandError } from '../../command/command-error.ts';
import { missingResources } from '../../resource/targets.ts';
import { defineVerb } from '../../command/verb.ts';

/** `kubectl set image` */
export const setImage = defineVerb({
  usage:
    'set image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N',
  long: `Update existing container image(s) of resources.

 Possible resources include (case insensitive):

  pod (po), replicationcontroller (rc), deployment (deploy), daemonset (ds), statefulset (sts), cronjob (cj), replicaset (rs)`,
  examples: `# Set a deployment's nginx container image to 'nginx:1.9.1', and its busybox container image to 'busybox'
kubectl set image deployment/nginx busybox=busybox nginx=nginx:1.9.1

# Update all deployments' and rc's nginx container's image to 'nginx:1.9.1'
kubectl set image deployments,rc nginx=nginx:1.9.1 --all

# Update image of all containers of daemonset abc to 'nginx:1.9.1'
kubectl set image daemonset abc *=nginx:1.9.1`,
  flags: setFlags,
  async run(invocation) {
    const { resources, assignments } = splitAssignments(invocation.args);
    if (resources.length === 0 && invocation.flags.filename.length === 0) throw new CommandError(missingResources);
    const images = imagesOf(assignments);
    await changePodTemplates(invocation, {
      args: resources,
      operation: 'image updated',
      change: (spec) => withImages(spec, images),
    });
  },
});

function imagesOf(assignments: readonly string[]): ReadonlyMap<string, string> {
  const images = new Map(
    assignments.map((text): [string, string] => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  );
  if (images.size === 0) throw new CommandError('at least one image update is required');
  if (images.has('*') && images.size > 1) {
    throw new CommandError(
      'all containers are already specified by *, but saw more than one container_name=container_image pairs',
    );
  }
  return images;
}

function withImages(spec: EditablePodSpec, images: ReadonlyMap<string, string>): EditablePodSpec {
  const lists = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  for (const name of images.keys()) {
    if (name !== '*' && !lists.some((container) => container.name === name)) {
      throw new CommandError(`unable to find container named "${name}"`);
    }
  }
  const all = images.get('*');
  const update = (container: EditableContainer): EditableContainer => {
    const image = all ?? images.get(container.name);
    return image === undefined ? container : { ...container, image };
  };
  return {
    ...spec,
    containers: (spec.containers ?? []).map(update),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(update) } : {}),
  };
}
