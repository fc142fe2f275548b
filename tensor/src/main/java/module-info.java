/** Values, the vocabulary of operations, devices and CPU kernels, graphs and plans. */
module dev.peregrine.tensor {
  requires jdk.incubator.vector;
  requires static transitive org.jspecify;

  exports dev.peregrine.tensor;

  uses dev.peregrine.tensor.device.DeviceProvider;

  provides dev.peregrine.tensor.device.DeviceProvider with
      dev.peregrine.tensor.cpu.reference.ReferenceProvider;
}
