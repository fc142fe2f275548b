/** Parameters, layers, losses, optimisers, data loading and the training loop. */
module dev.peregrine.nn {
  requires transitive dev.peregrine.autograd;
  requires static org.jspecify;

  exports dev.peregrine.nn;
}
