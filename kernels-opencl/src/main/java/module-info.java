/** The OpenCL device: what the OpenCL installation of this machine offers. */
module dev.peregrine.opencl {
  requires dev.peregrine.tensor;
  requires jocl;
  requires static org.jspecify;

  exports dev.peregrine.opencl;
}
