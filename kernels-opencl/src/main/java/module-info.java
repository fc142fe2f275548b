/** The OpenCL device. */
module dev.peregrine.opencl {
  requires dev.peregrine.tensor;
  requires jocl;
  requires static org.jspecify;

  exports dev.peregrine.opencl;
  exports dev.peregrine.opencl.runtime;

  provides dev.peregrine.tensor.device.DeviceProvider with
      dev.peregrine.opencl.OpenClProvider;
}
