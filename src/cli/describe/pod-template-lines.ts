import type { PodTemplateSpec, TopologySpreadConstraint } from '../../api/core/pod-spec.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import { writeContainers } from './container-lines.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { writeAnnotations, writeLabels, writeTolerations } from './meta-lines.ts';
import { writeVolumes } from './volume-lines.ts';

/** The pod template of a workload. */
export function writePodTemplate(writer: DescribeWriter, template: PodTemplateSpec): void {
  const { metadata, spec } = template;
  writer.line(0, 'Pod Template:');
  writeLabels(writer, '  Labels', metadata?.labels);
  if (Object.keys(metadata?.annotations ?? {}).length > 0)
    writeAnnotations(writer, '  Annotations', metadata?.annotations);
  if (spec?.serviceAccountName) writer.line(1, `Service Account:\t${spec.serviceAccountName}`);
  if (spec?.initContainers?.length) {
    writeContainers(writer, { title: 'Init Containers', containers: spec.initContainers, space: '  ' });
  }
  writeContainers(writer, { title: 'Containers', containers: spec?.containers ?? [], space: '  ' });
  writeVolumes(writer, spec?.volumes, '  ');
  writeSpread(writer, spec?.topologySpreadConstraints, '  ');
  if (spec?.priorityClassName) writer.line(1, `Priority Class Name:\t${spec.priorityClassName}`);
  writeLabels(writer, '  Node-Selectors', spec?.nodeSelector);
  writeTolerations(writer, '  Tolerations', spec?.tolerations);
}

/** How pods are to be spread; nothing when they are not. */
export function writeSpread(
  writer: DescribeWriter,
  constraints: readonly TopologySpreadConstraint[] | undefined,
  space: string,
): void {
  if (!constraints?.length) return;
  constraints
    .toSorted((a, b) => (a.topologyKey < b.topologyKey ? -1 : 1))
    .forEach((one, at) => {
      const selector = one.labelSelector ? ` for selector ${formatLabelSelector(one.labelSelector)}` : '';
      const title = at === 0 ? `${space}Topology Spread Constraints:` : '';
      writer.line(
        0,
        `${title}\t${one.topologyKey}:${one.whenUnsatisfiable} when max skew ${one.maxSkew} is exceeded${selector}`,
      );
    });
}
