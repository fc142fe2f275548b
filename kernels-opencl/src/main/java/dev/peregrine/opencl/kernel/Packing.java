package dev.peregrine.opencl.kernel;

import dev.peregrine.tensor.shape.Spec;

/**
 * What a kernel makes of one of its inputs before it computes: once if the input never changes,
 * else in each run.
 *
 * @param input the position of the input
 * @param packed what becomes of it
 * @param pass makes it
 */
record Packing(int input, Spec packed, Pass pass) {}
