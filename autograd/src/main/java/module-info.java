/** Derivatives: the tape, the table of gradients, the gradient check. */
module dev.peregrine.autograd {
  requires transitive dev.peregrine.tensor;
  requires static org.jspecify;

  exports dev.peregrine.autograd;
}
