import type { PriorityClass } from '../../api/scheduling/priority-class.ts';
import type { CSINode } from '../../api/storage/csi-node.ts';
import type { StorageClass, TopologySelectorTerm } from '../../api/storage/storage-class.ts';
import type { VolumeAttributesClass } from '../../api/storage/volume-attributes-class.ts';
import { labelsText } from '../output/server-table.ts';
import type { DescribeContext } from './describers.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { boolText, longTime, writeAnnotations, writeLabels } from './meta-lines.ts';

const defaultMarks = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** How volumes of a class are provisioned. */
export async function describeStorageClass(storageClass: StorageClass, { writer }: DescribeContext): Promise<void> {
  const { metadata, allowVolumeExpansion, mountOptions = [], allowedTopologies = [] } = storageClass;
  const isDefault = defaultMarks.some((mark) => metadata.annotations?.[mark] === 'true');
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `IsDefaultClass:\t${isDefault ? 'Yes' : 'No'}`);
  writer.line(0, `Annotations:\t${labelsText(metadata.annotations)}`);
  writer.line(0, `Provisioner:\t${storageClass.provisioner}`);
  writer.line(0, `Parameters:\t${labelsText(storageClass.parameters)}`);
  const expansion = allowVolumeExpansion === undefined ? '<unset>' : boolText(allowVolumeExpansion);
  writer.line(0, `AllowVolumeExpansion:\t${expansion}`);
  if (mountOptions.length === 0) writer.line(0, 'MountOptions:\t<none>');
  else {
    writer.line(0, 'MountOptions:');
    for (const option of mountOptions) writer.line(1, option);
  }
  writer.line(0, `ReclaimPolicy:\t${storageClass.reclaimPolicy}`);
  writer.line(0, `VolumeBindingMode:\t${storageClass.volumeBindingMode}`);
  if (allowedTopologies.length > 0) writeTopologies(writer, allowedTopologies);
}

function writeTopologies(writer: DescribeWriter, terms: readonly TopologySelectorTerm[]): void {
  writer.line(0, 'AllowedTopologies:\t');
  terms.forEach(({ matchLabelExpressions = [] }, index) => {
    const texts = matchLabelExpressions.map(({ key, values }) => `${key} in [${values.join(', ')}]`);
    writer.line(1, `Term ${index}:\t${texts[0] ?? '<none>'}`);
    for (const text of texts.slice(1)) writer.line(1, `\t${text}`);
  });
}

/** The settings that volumes of a class have. */
export async function describeVolumeAttributesClass(
  { metadata, driverName, parameters }: VolumeAttributesClass,
  { writer }: DescribeContext,
): Promise<void> {
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Annotations:\t${labelsText(metadata.annotations)}`);
  writer.line(0, `DriverName:\t${driverName}`);
  writer.line(0, `Parameters:\t${labelsText(parameters)}`);
}

/** The storage drivers of a node. */
export async function describeCSINode({ metadata, spec }: CSINode, { writer }: DescribeContext): Promise<void> {
  writer.line(0, `Name:\t${metadata.name}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`);
  writer.line(0, 'Spec:');
  if (spec.drivers.length > 0) writer.line(1, 'Drivers:');
  for (const { name, nodeID, allocatable, topologyKeys } of spec.drivers) {
    writer.line(2, `${name}:`);
    writer.line(3, `Node ID:\t${nodeID}`);
    if (allocatable?.count !== undefined) {
      writer.line(3, 'Allocatables:');
      writer.line(4, `Count:\t${allocatable.count}`);
    }
    if (topologyKeys?.length) writer.line(3, `Topology Keys:\t[${topologyKeys.join(' ')}]`);
  }
}

/** What a priority class is worth. */
export async function describePriorityClass(
  { metadata, value, globalDefault, preemptionPolicy, description }: PriorityClass,
  { writer }: DescribeContext,
): Promise<void> {
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Value:\t${value}`);
  writer.line(0, `GlobalDefault:\t${globalDefault ?? false}`);
  writer.line(0, `PreemptionPolicy:\t${preemptionPolicy}`);
  writer.line(0, `Description:\t${description ?? ''}`);
  writer.line(0, `Annotations:\t${labelsText(metadata.annotations)}`);
}
