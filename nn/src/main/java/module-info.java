/** Parameters, layers, losses, optimisers, data loading and the training loop. */
module dev.peregrine.nn {
  requires transitive dev.peregrine.autograd;
  requires static org.jspecify;

  exports dev.peregrine.nn;
  exports dev.peregrine.nn.block;
  exports dev.peregrine.nn.data;
  exports dev.peregrine.nn.io;
  exports dev.peregrine.nn.loss;
  exports dev.peregrine.nn.optim;
  exports dev.peregrine.nn.train;
}
