/** Values, the vocabulary of operations, devices and CPU kernels, graphs and plans. */
module dev.peregrine.tensor {
  requires jdk.incubator.vector;
  requires static org.jspecify;

  exports dev.peregrine.tensor;
  exports dev.peregrine.tensor.device;
  exports dev.peregrine.tensor.graph;
  exports dev.peregrine.tensor.op;
  exports dev.peregrine.tensor.plan;
  exports dev.peregrine.tensor.shape;

  uses dev.peregrine.tensor.device.DeviceProvider;

  provides dev.peregrine.tensor.device.DeviceProvider with
      dev.peregrine.tensor.cpu.reference.ReferenceProvider,
      dev.peregrine.tensor.cpu.simd.CpuProvider;
}
